// The way to a table as a CSV file: a real link, with the filters that the page's address has.
import type { ReactNode } from 'react';
import { useSearchParams } from '../router/location.ts';

export type ExportedTable =
  | 'workers'
  | 'events'
  | 'history'
  | 'alerts'
  | 'changes'
  | 'tenants'
  | 'sites'
  | 'groups'
  | 'worker-entries'
  | 'ownerships'
  | 'users'
  | 'service-keys'
  | 'rules'
  | 'channels'
  | 'webhooks'
  | 'maintenance-windows';

interface ExportLinkProps {
  readonly table: ExportedTable;
  /** Parameters that the address does not have. */
  readonly more?: Readonly<Record<string, string>>;
  /** Of the address's parameters; all the table knows. */
  readonly only: readonly string[];
}

export function ExportLink({ table, more = {}, only }: ExportLinkProps): ReactNode {
  const [params] = useSearchParams();
  const given = only.flatMap((name) => {
    const value = params.get(name);
    return value === null || value === '' ? [] : [[name, value]];
  });
  const query = new URLSearchParams([...given, ...Object.entries(more)]).toString();
  return (
    <a className="button small export-link" href={`/exports/${table}.csv${query === '' ? '' : `?${query}`}`} download>
      Export CSV
    </a>
  );
}

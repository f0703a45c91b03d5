// Whose machines the pages show. Who sees several tenants picks one, or all; the choice is in the address and goes with every link. Who sees
// one sees its name.
import { graphql } from '@assay/api-client';
import type { ReactNode } from 'react';
import { useQuery } from '../api/use-query.ts';
import { useSearchParams } from '../router/location.ts';

const TENANT_NAMES = graphql(`
  query TenantNames {
    tenants {
      name
    }
  }
`);

export function TenantSwitch(): ReactNode {
  const [params, setParams] = useSearchParams();
  const { data } = useQuery(TENANT_NAMES, {}, { pollMs: 60_000 });
  const chosen = params.get('tenant') ?? '';
  const tenants = data?.tenants.map(({ name }) => name) ?? [];
  const [only] = tenants;
  if (chosen === '' && tenants.length === 1) return <span className="tenant-name">{only}</span>;
  if (chosen === '' && tenants.length === 0) return null;
  return (
    <select
      className="input tenant-switch"
      aria-label="Whose machines"
      value={chosen}
      onChange={(event) => setParams({ tenant: event.target.value, site: null, rack: null })}
    >
      <option value="">All tenants</option>
      {/* A name from the address that is not known (yet) must still be seen to filter. */}
      {chosen !== '' && !tenants.includes(chosen) && <option value={chosen}>{chosen}</option>}
      {tenants.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

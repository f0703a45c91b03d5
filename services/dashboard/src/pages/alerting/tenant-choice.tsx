// Whose a new rule, channel or window is to be: chosen among the tenants that are seen.
import { graphql } from '@assay/api-client';
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { useSearchParams } from '../../router/location.ts';

const TENANT_ENTRIES = graphql(`
  query AlertingTenants {
    tenantEntries(first: 1000) {
      nodes {
        id
        name
      }
    }
  }
`);

export interface TenantChoosing {
  /** Empty until one is known. */
  readonly tenant: string;
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  readonly choose: (tenant: string) => void;
}

export function useTenantChoice(): TenantChoosing {
  const { data } = useQuery(TENANT_ENTRIES, {});
  const [params, setParams] = useSearchParams();
  const tenants = data?.tenantEntries.nodes ?? [];
  return {
    tenant: params.get('tenant') ?? tenants[0]?.id ?? '',
    tenants,
    choose: (tenant) => setParams({ tenant }),
  };
}

export function TenantChoice({ choice: { tenant, tenants, choose } }: { choice: TenantChoosing }): ReactNode {
  if (tenants.length < 2) return null;
  return (
    <select className="input" aria-label="For tenant" value={tenant} onChange={(event) => choose(event.target.value)}>
      {tenants.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function tenantSpec({ tenant }: TenantChoosing): FieldSpec {
  return {
    name: 'tenant',
    label: 'Tenant',
    kind: 'text',
    isNeeded: true,
    initial: tenant,
    hint: 'Its id. * is the pool itself.',
  };
}

// Whose a new rule, channel or window is to be: chosen among the tenants that are seen, or the pool itself for who may do things for all of it.
import { graphql } from '@assay/api-client';
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { Choice, FieldSpec } from '../../entry-form/field-specs.ts';
import { SelectField } from '../../entry-form/fields.tsx';
import { TextField } from '../../login/text-field.tsx';
import { useSearchParams } from '../../router/location.ts';

const TENANT_ENTRIES = graphql(`
  query AlertingTenants {
    tenantEntries(first: 1000) {
      totalCount
      nodes {
        id
        name
      }
    }
    viewer {
      kind
      grants {
        tenant
      }
    }
  }
`);

export interface TenantChoosing {
  /** Empty until one is known. */
  readonly tenant: string;
  /** Undefined where there are more than can be chosen among: then one is typed. */
  readonly choices: readonly Choice[] | undefined;
  readonly choose: (tenant: string) => void;
}

export function useTenantChoice(): TenantChoosing {
  const { data } = useQuery(TENANT_ENTRIES, {});
  const [params, setParams] = useSearchParams();
  const { nodes = [], totalCount = 0 } = data?.tenantEntries ?? {};
  const isOverAll = data?.viewer.kind === 'OPEN' || data?.viewer.grants.some(({ tenant }) => tenant === '*');
  const choices = [
    ...nodes.map(({ id, name }) => ({ value: id, label: name === id ? id : `${name} (${id})` })),
    ...(isOverAll ? [{ value: '*', label: 'The pool itself, and everybody (*)' }] : []),
  ];
  return {
    tenant: params.get('tenant') ?? nodes[0]?.id ?? (isOverAll ? '*' : ''),
    choices: totalCount > nodes.length ? undefined : choices,
    choose: (tenant) => setParams({ tenant }),
  };
}

export function TenantChoice({ choice: { tenant, choices = [], choose } }: { choice: TenantChoosing }): ReactNode {
  if (choices.length < 2) return null;
  return (
    <select className="input" aria-label="For tenant" value={tenant} onChange={(event) => choose(event.target.value)}>
      {choices.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

export function tenantSpec({ tenant, choices }: TenantChoosing): FieldSpec {
  const name = { name: 'tenant', label: 'Tenant', isNeeded: true, initial: tenant } as const;
  return choices === undefined
    ? { ...name, kind: 'text', hint: 'Its id. * is the pool itself.' }
    : { ...name, kind: 'choice', choices };
}

export function TenantField({
  choice,
  value,
  onChange,
}: {
  choice: TenantChoosing;
  value: string;
  onChange: (tenant: string) => void;
}): ReactNode {
  return choice.choices === undefined ? (
    <TextField
      label="Tenant"
      value={value}
      hint="Its id. * is the pool itself."
      autoComplete="off"
      onChange={onChange}
    />
  ) : (
    <SelectField label="Tenant" value={value} choices={choice.choices} onChange={onChange} />
  );
}

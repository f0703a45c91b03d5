// The roles somebody has, and over what: each a row, that can be added and taken away.
import type { ReactNode } from 'react';
import { TextField } from '../../login/text-field.tsx';
import { SelectField } from '../../entry-form/fields.tsx';
import type { GrantInput, Role } from './people-documents.ts';

const ROLES: Record<Role, string> = {
  OPERATOR_ADMIN: 'Operator admin: everything',
  SITE_MANAGER: 'Site manager: machines, places, alerts',
  TECHNICIAN: 'Technician: sees, acknowledges alerts',
  CUSTOMER: 'Customer: sees what is theirs, and earnings',
  AUDITOR: 'Auditor: sees everything, and who changed it',
  DATA_READER: 'Data reader: sees, and direct SQL',
};
const CHOICES = Object.entries(ROLES).map(([value, label]) => ({ value, label }));

/** As it is typed: `acme`, `acme.north`, or `*` for everywhere. */
export interface TypedGrant {
  readonly role: Role;
  readonly over: string;
}

export function typedGrants(grants: readonly { role: Role; tenant: string; site: string | null }[]): TypedGrant[] {
  return grants.map(({ role, tenant, site }) => ({ role, over: site ?? tenant }));
}

export function grantInputs(typed: readonly TypedGrant[]): GrantInput[] {
  return typed.map(({ role, over }) => {
    const place = over.trim();
    const dot = place.indexOf('.');
    return dot < 0 ? { role, tenant: place } : { role, tenant: place.slice(0, dot), site: place };
  });
}

interface GrantsFieldProps {
  readonly grants: readonly TypedGrant[];
  readonly problem: string | undefined;
  readonly onChange: (grants: readonly TypedGrant[]) => void;
}

export function GrantsField({ grants, problem, onChange }: GrantsFieldProps): ReactNode {
  const set = (at: number, grant: Partial<TypedGrant>): void =>
    onChange(grants.map((each, i) => (i === at ? { ...each, ...grant } : each)));
  return (
    <fieldset className="grants">
      <legend>May act as</legend>
      {grants.map((grant, i) => (
        <div key={i} className="grant">
          <SelectField
            label="Role"
            value={grant.role}
            choices={CHOICES}
            onChange={(role) => set(i, { role: role as Role })}
          />
          <TextField
            label="Over"
            value={grant.over}
            placeholder="such as acme, acme.north or *"
            maxLength={127}
            onChange={(over) => set(i, { over })}
          />
          <button
            type="button"
            className="button small"
            aria-label={`Take away ${grant.role.toLowerCase().replaceAll('_', ' ')} ${grant.over}`}
            onClick={() => onChange(grants.filter((_each, at) => at !== i))}
          >
            Take away
          </button>
        </div>
      ))}
      <p className="field-hint">A tenant, one of its sites, or * for every tenant and the pool itself.</p>
      {problem !== undefined && <p className="form-problem">{problem}</p>}
      <button
        type="button"
        className="button small"
        onClick={() => onChange([...grants, { role: 'TECHNICIAN', over: grants.at(-1)?.over ?? '' }])}
      >
        Add a role
      </button>
    </fieldset>
  );
}

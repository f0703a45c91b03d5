// The tenants whose account the viewer can see.
import type { TenantChoices } from './account-documents.ts';

export interface TenantChoice {
  readonly id: string;
  readonly name: string;
}

/**
 * Tenants of which the viewer sees everything, by name: those that are entered and those that just mine. Of a tenant whose machines are only held
 * there is no account to see.
 */
export function tenantChoices({ viewer, tenantEntries, tenants }: TenantChoices): TenantChoice[] {
  const whole = viewer.grants.filter(({ site }) => site === null).map(({ tenant }) => tenant);
  const seesAll = viewer.kind === 'OPEN' || whole.includes('*');
  const choices = new Map(tenants.map(({ name }) => [name, { id: name, name }]));
  for (const { id, name } of tenantEntries.nodes) choices.set(id, { id, name });
  return [...choices.values()]
    .filter(({ id }) => seesAll || whole.includes(id))
    .sort((a, b) => a.name.localeCompare(b.name));
}

// The tenants whose history is kept for fewer days than everybody's, by the control log. Pure.
import type { TenantDays } from '@assay/analytics';
import type { ControlState } from '@assay/tenancy';

export function tenantDays(state: ControlState): TenantDays[] {
  return [...state.all('tenant')].flatMap(({ id, body }) =>
    body.retentionDays === undefined ? [] : [{ tenant: id, days: body.retentionDays }],
  );
}

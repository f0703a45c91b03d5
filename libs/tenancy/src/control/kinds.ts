// Every kind of object there is. A new one is defined in `kinds/` and named here and in ControlBodies.
import type { ControlBodies, ControlKind, KindDefinition } from './control-object.ts';
import { alertChannelKind, alertRuleKind, maintenanceWindowKind, webhookKind } from './kinds/alerting.ts';
import { apiKeyKind, sessionKind, userKind } from './kinds/identity.ts';
import { groupKind, siteKind, tenantKind } from './kinds/places.ts';
import { ownershipKind, workerKind } from './kinds/workers.ts';

export const KINDS: { readonly [Kind in ControlKind]: KindDefinition<ControlBodies[Kind]> } = {
  tenant: tenantKind,
  site: siteKind,
  group: groupKind,
  worker: workerKind,
  ownership: ownershipKind,
  user: userKind,
  session: sessionKind,
  api_key: apiKeyKind,
  alert_rule: alertRuleKind,
  alert_channel: alertChannelKind,
  webhook: webhookKind,
  maintenance_window: maintenanceWindowKind,
};

export function isControlKind(kind: string): kind is ControlKind {
  return Object.hasOwn(KINDS, kind);
}

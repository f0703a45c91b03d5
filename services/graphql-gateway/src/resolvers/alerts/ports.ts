// What the resolvers of alerts stand on.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { AlertLog } from '../../alerts/alert-log.ts';

export interface AlertResolverPorts {
  readonly alerts: AlertLog;
  readonly control: ControlLog;
  readonly clock: Clock;
}

// What the resolvers stand on.
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { AlertLog } from '../alerts/alert-log.ts';
import type { AccountReader } from '../accounts/account-reader.ts';
import type { GraphqlGatewayConfig } from '../config.ts';
import type { MachineRecord } from '../machines/machine-record.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { MomentPorts } from '../operation/moment.ts';
import type { RollupRetention } from '../series/range-plan.ts';
import type { LiveChanges } from '../subscriptions/live-changes.ts';
import type { RememberedOrders } from '../workers/remembered-orders.ts';

export interface ResolverPorts extends MomentPorts {
  readonly config: GraphqlGatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly accounts: AccountReader;
  readonly alerts: AlertLog;
  readonly orders: RememberedOrders;
  readonly record: MachineRecord;
  readonly changes: LiveChanges;
  readonly metrics: GatewayMetrics;
  readonly retention: RollupRetention;
  /** When this process began to serve, microseconds since 1970. */
  readonly startedAtUs: number;
  readonly version: string;
}

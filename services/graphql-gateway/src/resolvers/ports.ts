// What the resolvers stand on.
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { GraphqlGatewayConfig } from '../config.ts';
import type { FleetHistory } from '../history/fleet-history.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { StoreReader } from '../queries/store-reader.ts';
import type { RollupRetention } from '../series/range-plan.ts';
import type { LiveChanges } from '../subscriptions/live-changes.ts';
import type { FleetView } from '../workers/fleet-view.ts';
import type { RememberedOrders } from '../workers/remembered-orders.ts';

export interface ResolverPorts {
  readonly config: GraphqlGatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: StoreReader;
  readonly fleet: FleetView;
  readonly history: FleetHistory;
  readonly orders: RememberedOrders;
  readonly changes: LiveChanges;
  readonly metrics: GatewayMetrics;
  readonly retention: RollupRetention;
  /** When this process began to serve, microseconds since 1970. */
  readonly startedAtUs: number;
  readonly version: string;
}

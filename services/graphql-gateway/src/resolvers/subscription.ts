// The fields of Subscription.
import { ClientError } from '../errors.ts';
import type { OperationContext } from '../operation/context.ts';
import { Moment } from '../operation/moment.ts';
import { PacedIterator } from '../subscriptions/paced-iterator.ts';
import { filterWorkers, workerFilter, type WorkerFilterInput } from '../workers/worker-filter.ts';
import type { FleetTotalsSource } from './fleet-totals.ts';
import type { ResolverPorts } from './ports.ts';
import { fleetTotals } from './query.ts';
import type { WorkerSource } from './worker.ts';

interface SubscriptionArguments {
  readonly filter?: WorkerFilterInput;
  readonly intervalMs: number | null;
}

const MOST_WORKERS = 500;
const LONGEST_INTERVAL_MS = 60_000;

export function subscriptionInterval(intervalMs: number, shortest: number): number {
  if (intervalMs >= shortest && intervalMs <= LONGEST_INTERVAL_MS) return intervalMs;
  throw new ClientError(
    'BAD_USER_INPUT',
    `\`intervalMs\` must be between ${shortest} and ${LONGEST_INTERVAL_MS}, got ${intervalMs}.`,
  );
}

export function subscriptionResolvers(ports: ResolverPorts) {
  const { changes, metrics } = ports;

  const workersChanged = (_root: unknown, args: SubscriptionArguments, { viewer }: OperationContext) => {
    const filter = workerFilter(args.filter);
    const intervalMs = subscriptionInterval(args.intervalMs ?? 1000, 250);
    const changed = changes.open();
    metrics.subscriptions.inc();
    return new PacedIterator<{ workersChanged: WorkerSource[] }>({
      intervalMs,
      immediate: false,
      produce: async () => {
        if (changed.size === 0) return undefined;
        // A new moment for every message: what the viewer sees may have changed since the last.
        const moment = new Moment(ports, viewer);
        const snapshot = await moment.snapshot();
        const workers = changed.take(snapshot, MOST_WORKERS, (facts) => filterWorkers([facts], filter).length === 1);
        if (workers.length === 0) return undefined;
        metrics.subscriptionMessage('workersChanged');
        return { workersChanged: workers.map((facts) => ({ facts, moment })) };
      },
      onEnd: () => {
        changes.close(changed);
        metrics.subscriptions.dec();
      },
    });
  };

  const fleetChanged = (_root: unknown, args: SubscriptionArguments, { viewer }: OperationContext) => {
    const intervalMs = subscriptionInterval(args.intervalMs ?? 2000, 1000);
    metrics.subscriptions.inc();
    return new PacedIterator<{ fleetChanged: FleetTotalsSource }>({
      intervalMs,
      immediate: true,
      produce: async () => {
        metrics.subscriptionMessage('fleetChanged');
        return { fleetChanged: await fleetTotals(new Moment(ports, viewer), workerFilter(args.filter)) };
      },
      onEnd: () => metrics.subscriptions.dec(),
    });
  };

  return { workersChanged: { subscribe: workersChanged }, fleetChanged: { subscribe: fleetChanged } };
}

// Tells a subscriber which alerts have something new, as far as its viewer sees them at that moment.
import type { OperationContext } from '../../operation/context.ts';
import { Moment, type MomentPorts } from '../../operation/moment.ts';
import { seesAlert } from '../../access/visible-alerts.ts';
import type { GatewayMetrics } from '../../metrics.ts';
import { PacedIterator } from '../../subscriptions/paced-iterator.ts';
import { subscriptionInterval } from '../subscription.ts';
import { alertCounts } from './alerts-queries.ts';
import { alertValue } from './alerts-values.ts';
import type { AlertResolverPorts } from './ports.ts';

const MOST_ALERTS = 100;
/** Of a subscriber that reads slowly, so many ids wait; it is told counts of all, and of the alerts the newest. */
const MOST_WAITING = 10_000;

export function alertsSubscription(
  ports: AlertResolverPorts,
  momentPorts: MomentPorts & { readonly metrics: GatewayMetrics },
) {
  const { alerts, control, clock } = ports;
  const { metrics } = momentPorts;
  const sources = { inbox: alerts.inbox, state: control.state };

  const alertsChanged = (_root: unknown, args: { intervalMs: number | null }, { viewer }: OperationContext) => {
    const intervalMs = subscriptionInterval(args.intervalMs ?? 1000, 500);
    const changed = new Set<string>();
    const forget = alerts.onChange((ids) => {
      for (const id of ids) if (changed.size < MOST_WAITING) changed.add(id);
    });
    metrics.subscriptions.inc();
    return new PacedIterator({
      intervalMs,
      immediate: false,
      produce: async () => {
        if (changed.size === 0 || !alerts.isCaughtUp) return undefined;
        // A new moment for every message: what the viewer sees may have changed since the last.
        const moment = new Moment(momentPorts, viewer);
        const nowUs = clock.nowUs();
        const seen = [...changed]
          .flatMap((id) => alerts.inbox.get(id) ?? [])
          .filter((alert) => seesAlert(viewer, moment.visibility, alert, nowUs));
        changed.clear();
        if (seen.length === 0) return undefined;
        metrics.subscriptionMessage('alertsChanged');
        const newest = seen.sort((a, b) => b.startedAtUs - a.startedAtUs).slice(0, MOST_ALERTS);
        return {
          alertsChanged: {
            counts: alertCounts(ports, { viewer, moment }),
            alerts: newest.map((alert) => alertValue(sources, viewer, alert)),
          },
        };
      },
      onEnd: () => {
        forget();
        metrics.subscriptions.dec();
      },
    });
  };
  return { alertsChanged: { subscribe: alertsChanged } };
}

// The alerts a viewer sees: pages of them, one, how many are open, and those of a worker.
import type { Alert, RuleKind, Severity } from '@assay/alerting';
import { seesAlert } from '../../access/visible-alerts.ts';
import { seesEntry } from '../../access/visible-entries.ts';
import { isGiven, pageSize } from '../../argument-bounds.ts';
import { ClientError } from '../../errors.ts';
import { mayEdit } from '../../identity/people.ts';
import type { OperationContext } from '../../operation/context.ts';
import { decodeCursor, encodeCursor } from '../../workers/cursor.ts';
import type { PageArguments } from '../object-list.ts';
import type { WorkerSource } from '../worker.ts';
import { alertValue, messageState } from './alerts-values.ts';
import type { AlertResolverPorts } from './ports.ts';

interface AlertFilter {
  readonly states?: readonly Alert['state'][] | null;
  readonly severities?: readonly Severity[] | null;
  readonly kinds?: readonly RuleKind[] | null;
  readonly tenant?: string | null | undefined;
  readonly site?: string | null | undefined;
  readonly worker?: string | null | undefined;
  readonly rule?: string | null | undefined;
}

const ORDER = 'alerts by age';
const MOST_OF_WORKER = 20;

type Asker = Pick<OperationContext, 'viewer' | 'moment'>;

/** Whoever asks before the topic was read is told so. */
export function readInbox({ alerts }: AlertResolverPorts): AlertResolverPorts['alerts']['inbox'] {
  if (alerts.isCaughtUp) return alerts.inbox;
  throw new ClientError(
    'ALERTS_UNAVAILABLE',
    'The alerts have not been read yet: whether anything is wrong is not known. Ask again later.',
    {
      retriable: true,
    },
  );
}

/** What the viewer sees, the newest first. */
export function seenAlerts(ports: AlertResolverPorts, { viewer, moment }: Asker): Alert[] {
  const nowUs = ports.clock.nowUs();
  return [...readInbox(ports).all()]
    .filter((alert) => seesAlert(viewer, moment.visibility, alert, nowUs))
    .sort(newestFirst);
}

function newestFirst(a: Pick<Alert, 'startedAtUs' | 'id'>, b: Pick<Alert, 'startedAtUs' | 'id'>): number {
  return b.startedAtUs - a.startedAtUs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const isOpen = ({ state }: Alert): boolean => state === 'firing' || state === 'acknowledged';

export function alertCounts(ports: AlertResolverPorts, asker: Asker) {
  const open = seenAlerts(ports, asker).filter(isOpen);
  const firing = open.filter(({ state }) => state === 'firing');
  const of = (severity: Severity): number => firing.filter((alert) => alert.severity === severity).length;
  return {
    firing: firing.length,
    acknowledged: open.length - firing.length,
    critical: of('critical'),
    warning: of('warning'),
    info: of('info'),
    isCurrent: ports.alerts.isCurrent,
  };
}

/** Of what the viewer sees what the filter lets through, the newest first. A rule that they do not see finds nothing, like one that is not there. */
export function listedAlerts(ports: AlertResolverPorts, asker: Asker, filter: AlertFilter): Alert[] {
  const { states, severities, kinds, tenant, site, worker, rule } = filter;
  const { state } = ports.control;
  const named = isGiven(rule) ? state.get('alert_rule', rule) : undefined;
  const seesRule = !isGiven(rule) || (named !== undefined && seesEntry(asker.viewer, named, state));
  return seenAlerts(ports, asker).filter(
    (alert) =>
      seesRule &&
      (!isGiven(rule) || alert.rule === rule) &&
      (!isGiven(states) || states.includes(alert.state)) &&
      (!isGiven(severities) || severities.includes(alert.severity)) &&
      (!isGiven(kinds) || kinds.includes(alert.kind)) &&
      (!isGiven(tenant) || alert.subject.tenant === tenant) &&
      (!isGiven(site) || alert.subject.site === site) &&
      (!isGiven(worker) || alert.subject.worker === worker),
  );
}

export function alertsQueries(ports: AlertResolverPorts) {
  const { alerts, control } = ports;
  const sources = { inbox: alerts.inbox, state: control.state };

  /** Sorted out once for an answer, however many workers it lists. */
  const sortedOut = new WeakMap<Asker['moment'], Map<string, Alert[]>>();
  const openByWorker = (asker: Asker): Map<string, Alert[]> => {
    let open = sortedOut.get(asker.moment);
    if (open === undefined) {
      sortedOut.set(asker.moment, (open = new Map<string, Alert[]>()));
      for (const alert of seenAlerts(ports, asker).filter(isOpen)) {
        const ofWorker = open.get(alert.subject.worker);
        if (ofWorker === undefined) open.set(alert.subject.worker, [alert]);
        else ofWorker.push(alert);
      }
    }
    return open;
  };

  return {
    Query: {
      alerts: (
        _root: unknown,
        { filter, first, after }: PageArguments & { filter?: AlertFilter | null },
        context: OperationContext,
      ) => {
        const size = pageSize(first);
        const last = isGiven(after) ? decodeCursor(after, ORDER) : undefined;
        const all = listedAlerts(ports, context, filter ?? {});
        // By the place where the last one stood, though it be gone meanwhile.
        const rest =
          last === undefined
            ? all
            : all.filter((alert) => newestFirst({ startedAtUs: last.value ?? 0, id: last.key }, alert) < 0);
        const found = rest.slice(0, size);
        const end = found.at(-1);
        return {
          nodes: found.map((alert) => alertValue(sources, context.viewer, alert)),
          pageInfo: {
            hasNextPage: rest.length > size,
            endCursor: end === undefined ? null : encodeCursor({ order: ORDER, value: end.startedAtUs, key: end.id }),
          },
          totalCount: all.length,
          isCurrent: alerts.isCurrent,
        };
      },
      alert: (_root: unknown, { id }: { id: string }, { viewer, moment }: OperationContext) => {
        const alert = readInbox(ports).get(id);
        return alert !== undefined && seesAlert(viewer, moment.visibility, alert, ports.clock.nowUs())
          ? alertValue(sources, viewer, alert)
          : null;
      },
      alertCounts: (_root: unknown, _args: unknown, context: OperationContext) => alertCounts(ports, context),
      testMessage: (_root: unknown, { id }: { id: string }, { viewer }: OperationContext) => {
        const message = readInbox(ports)
          .messages(id)
          .find(({ about }) => about === 'test');
        const channel = message && channelOf(ports, message.channel);
        if (message === undefined || channel === undefined || !mayEdit(viewer, channel, control.state)) return null;
        return { id, state: messageState(message), attempts: message.attempts, reason: message.reason || null };
      },
    },
    Worker: {
      openAlerts: ({ facts, moment }: WorkerSource, _args: unknown, { viewer }: OperationContext) =>
        (openByWorker({ viewer, moment }).get(facts.worker) ?? [])
          .slice(0, MOST_OF_WORKER)
          .map((alert) => alertValue(sources, viewer, alert)),
    },
  };
}

/** A channel or, as `webhook:` and its id, a webhook: as the topic names whom a message is for. */
export function channelOf({ control: { state } }: AlertResolverPorts, id: string) {
  return id.startsWith('webhook:') ? state.get('webhook', id.slice('webhook:'.length)) : state.get('alert_channel', id);
}

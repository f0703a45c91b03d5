// What people ask of whoever keeps the alerts: put on the topic, and answered when its own records show what became of it.
import { testNotification, type Alert, type AlertRecord } from '@assay/alerting';
import { LogError } from '@assay/event-log';
import { randomBytes } from 'node:crypto';
import { alertScope, seesAlert } from '../../access/visible-alerts.ts';
import { seesEntry } from '../../access/visible-entries.ts';
import { ClientError } from '../../errors.ts';
import { mayEdit } from '../../identity/people.ts';
import type { OperationContext } from '../../operation/context.ts';
import { channelOf, readInbox } from './alerts-queries.ts';
import { alertValue, messageState, writtenActor } from './alerts-values.ts';
import type { AlertResolverPorts } from './ports.ts';

const MOST_AT_ONCE = 500;
/** An alerter acts on a command as soon as it has read it. */
const ANSWER_MS = 10_000;
/** One attempt to send takes at most 15 seconds by default. */
const TEST_ANSWER_MS = 20_000;

export function alertsMutations(ports: AlertResolverPorts) {
  const { alerts, control, clock } = ports;
  const sources = { inbox: alerts.inbox, state: control.state };

  const append = async (records: readonly AlertRecord[]): Promise<void> => {
    try {
      await alerts.append(records);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      throw new ClientError('ALERTS_UNAVAILABLE', 'The log of alerts cannot be written to. Try again later.', {
        retriable: true,
        cause: error,
      });
    }
  };

  /** Throws ClientError when one is not seen, or not theirs to acknowledge. */
  const acknowledgeable = ({ viewer, moment }: OperationContext, ids: readonly string[]): Alert[] => {
    if (ids.length > MOST_AT_ONCE)
      throw new ClientError('BAD_USER_INPUT', `At most ${MOST_AT_ONCE} alerts are taken at once, got ${ids.length}.`);
    const inbox = readInbox(ports);
    return [...new Set(ids)].map((id) => {
      const alert = inbox.get(id);
      if (alert === undefined || !seesAlert(viewer, moment.visibility, alert, clock.nowUs()))
        throw new ClientError('NOT_FOUND', `There is no alert ${id} that you see.`);
      if (!viewer.access.may('alert.acknowledge', alertScope(alert.subject)))
        throw new ClientError(
          'FORBIDDEN',
          'Acknowledging this needs the permission alert.acknowledge where it belongs.',
        );
      return alert;
    });
  };

  const command =
    (type: 'acknowledge' | 'unacknowledge', from: Alert['state'], to: Alert['state']) =>
    async (_root: unknown, { ids }: { ids: readonly string[] }, context: OperationContext) => {
      const before = acknowledgeable(context, ids);
      const asked = before.filter(({ state }) => state === from);
      const by = writtenActor(context.viewer.actor);
      if (asked.length > 0) {
        await append(asked.map(({ id }) => ({ type, alert: id, by, atUs: clock.nowUs() })));
        const { inbox } = alerts;
        await alerts.until(() => asked.every(({ id }) => inbox.get(id)?.state !== from), ANSWER_MS);
      }
      return before.map((alert) => {
        const now = alerts.inbox.get(alert.id) ?? alert;
        const outcome = now.state === to ? 'DONE' : now.state === from ? 'UNANSWERED' : 'NOT_FIRING';
        return { alert: alertValue(sources, context.viewer, now), outcome };
      });
    };

  return {
    acknowledgeAlerts: command('acknowledge', 'firing', 'acknowledged'),
    unacknowledgeAlerts: command('unacknowledge', 'acknowledged', 'firing'),
    sendTestMessage: async (_root: unknown, { channel }: { channel: string }, { viewer }: OperationContext) => {
      const object = channelOf(ports, channel);
      if (
        object === undefined ||
        (!mayEdit(viewer, object, control.state) && !seesEntry(viewer, object, control.state))
      )
        throw new ClientError('NOT_FOUND', `There is no channel or webhook ${channel} that you see.`);
      if (!mayEdit(viewer, object, control.state))
        throw new ClientError('FORBIDDEN', 'Testing a channel needs the permission alert.edit where it belongs.');
      readInbox(ports);
      const id = randomBytes(16).toString('hex');
      const by = actorName(viewer, control.state);
      const notification = testNotification(id, channel, object.body.tenant, by, clock.nowUs());
      await append([{ type: 'notification', notification }]);
      const message = () => alerts.inbox.messages(id)[0];
      // A first attempt that failed is an answer: why is worth more than to wait for the next.
      await alerts.until(() => {
        const sent = message();
        return sent !== undefined && (sent.state !== 'owed' || sent.attempts > 0);
      }, TEST_ANSWER_MS);
      const sent = message();
      return sent === undefined
        ? { id, state: 'OWED', attempts: 0, reason: null }
        : { id, state: messageState(sent), attempts: sent.attempts, reason: sent.reason || null };
    },
  };
}

/** As the message names who asked for it. */
function actorName({ actor }: OperationContext['viewer'], state: AlertResolverPorts['control']['state']): string {
  if (actor.kind === 'user') return state.get('user', actor.id)?.body.name ?? 'somebody';
  if (actor.kind === 'key') return state.get('api_key', actor.id)?.body.name ?? 'somebody';
  return 'somebody';
}

// Alerts as the schema shows them to a viewer.
import {
  CAUSE_DIMENSIONS,
  partOf,
  QUIET,
  RULE_KINDS,
  SEVERITIES,
  type Alert,
  type AlertInbox,
  type InboxMessage,
} from '@assay/alerting';
import { EVERY_TENANT, type Actor, type ControlState } from '@assay/tenancy';
import { alertScope, seesBehind, seesCause } from '../../access/visible-alerts.ts';
import { actorValue, seesEntry } from '../../access/visible-entries.ts';
import type { Viewer } from '../../operation/viewer.ts';

const WEBHOOK = 'webhook:';
const MOST_MESSAGES = 200;

const upper = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name.toUpperCase(), name])) as Record<string, Name>;

/** Internal values of schema enums, for makeExecutableSchema. */
export const ALERT_ENUMS = {
  AlertState: upper(['pending', 'firing', 'acknowledged', 'resolved']),
  AlertSeverity: upper(SEVERITIES),
  AlertKind: upper(RULE_KINDS),
  AlertResolution: upper(['ok', 'withdrawn', 'rule_removed']),
  AlertMessageAbout: upper(['firing', 'resolved']),
  AlertCauseDimension: Object.fromEntries(
    CAUSE_DIMENSIONS.map((name) => [name === 'userAgent' ? 'USER_AGENT' : name.toUpperCase(), name]),
  ),
};

export interface AlertSources {
  readonly inbox: AlertInbox;
  readonly state: ControlState;
}

export function alertValue({ inbox, state }: AlertSources, viewer: Viewer, alert: Alert) {
  const { subject, kind, evidence, resolved, acknowledged, silencedBy } = alert;
  const isOfPool = subject.tenant === EVERY_TENANT;
  return {
    ...alert,
    subject: {
      tenant: isOfPool ? null : subject.tenant,
      site: subject.site || null,
      rack: subject.rack || null,
      worker: subject.worker || null,
      part: partOf(kind, alert.traits) || null,
    },
    evidence: Object.entries(evidence).map(([name, text]) => ({ name, text })),
    rule: () => {
      const rule = state.get('alert_rule', alert.rule);
      return rule !== undefined && seesEntry(viewer, rule, state) ? { id: rule.id, name: rule.body.name } : null;
    },
    startedAt: alert.startedAtUs,
    firedAt: alert.firedAtUs || null,
    lastFindingAt: alert.lastFindingUs,
    okSince: alert.okSinceUs || null,
    acknowledgedAt: acknowledged?.atUs,
    acknowledgedBy: acknowledged && actorValue(viewer, actorOf(acknowledged.by), state),
    resolvedAt: resolved?.atUs,
    resolvedBecause: resolved?.why,
    silenced: silencedBy === '' ? null : silencedBy === QUIET ? 'QUIET_HOURS' : 'MAINTENANCE',
    messages: () =>
      seesBehind(viewer, alert)
        ? inbox
            .messages(alert.id)
            .slice(-MOST_MESSAGES)
            .flatMap((message) => messageValue(viewer, message, state) ?? [])
        : [],
    group: () => groupValue(inbox, viewer, alert),
    mayAcknowledge: viewer.access.may('alert.acknowledge', alertScope(subject)),
  };
}

/** Undefined where the message went to people whom the viewer is not told of: the operator's, of a rule over everybody. */
function messageValue(viewer: Viewer, message: InboxMessage, state: ControlState) {
  const { channel } = message;
  const object = channel.startsWith(WEBHOOK)
    ? state.get('webhook', channel.slice(WEBHOOK.length))
    : state.get('alert_channel', channel);
  const isSeen =
    object === undefined ? viewer.access.may('pool.view', { tenant: EVERY_TENANT }) : seesEntry(viewer, object, state);
  if (!isSeen) return undefined;
  const { id, about, step, atUs, attempts, reason } = message;
  const state_ = messageState(message);
  return {
    id,
    about,
    channel,
    channelName: object?.body.name,
    step,
    at: atUs,
    state: state_,
    attempts,
    reason: reason || null,
  };
}

export function messageState({ state, attempts }: InboxMessage): string {
  return state === 'owed' && attempts > 0 ? 'RETRYING' : state.toUpperCase();
}

function groupValue(inbox: AlertInbox, viewer: Viewer, alert: Alert) {
  const group = inbox.groupOf(alert);
  if (group === undefined || !seesCause(viewer, group.cause)) return null;
  const { id, cause, openedAtUs } = group;
  const last = inbox
    .messages(alert.id)
    .findLast((message) => message.group?.id === id && message.about === 'firing')?.group;
  const { dimension, tenant, site, value } = cause;
  return {
    id,
    dimension,
    tenant,
    site: site || null,
    value,
    openedAt: openedAtUs,
    workers: last?.workers,
    of: last?.of,
  };
}

/** Who acknowledged, as the topic has it. */
export function writtenActor({ kind, id }: Actor): string {
  return `${kind}:${id}`;
}

function actorOf(by: string): Actor {
  const [, kind, id = ''] = /^(user|key|system):(.*)$/s.exec(by) ?? [];
  return kind === undefined ? { kind: 'system', id: by } : { kind: kind as Actor['kind'], id };
}

// Makes messages out of what has come due: alone, or together where many alerts have a cause in common. Ids are made of what a message is
// about, so that the same message made again, after a crash, has the same id.
import { createHash } from 'node:crypto';
import {
  SEVERITIES,
  type Alert,
  type AlertGroup,
  type Cause,
  type Notification,
  type NotifiedAlert,
  type Severity,
} from './alert.ts';
import { causeKey, explain, kindClass, type Explained, type Fleet, type GroupingRule } from './common-cause.ts';

/** Alerts that one message lists; `count` says how many there are. */
export const MAX_LISTED_ALERTS = 20;

export interface DueStep {
  readonly alert: Alert;
  readonly step: number;
  readonly channels: readonly string[];
}

/** Messages, and the alerts and groups as they are once these are on record. */
export interface Tellings {
  readonly notifications: readonly Notification[];
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
}

export interface StepContext {
  readonly nowUs: number;
  readonly fleet: Fleet;
  readonly grouping: GroupingRule;
  readonly openGroups: Iterable<AlertGroup>;
}

/** Tells each due step once: the alerts of one tenant, class, step and set of channels are told together where a cause explains them. */
export function tellSteps(due: readonly DueStep[], inTrouble: readonly Alert[], context: StepContext): Tellings {
  const { nowUs, fleet, grouping } = context;
  if (due.length === 0) return { notifications: [], alerts: [], groups: [] };
  const open = new Map([...context.openGroups].map((group) => [groupKey(group.class, group.cause), group]));
  const classes = groupBy(inTrouble, (alert) => classKey(alert));
  const alerts = new Map<string, Alert>();
  const groups = new Map<string, AlertGroup>();
  const notifications: Notification[] = [];

  const told = (alert: Alert, step: number, channels: readonly string[], group: string): void => {
    const latest = alerts.get(alert.id) ?? alert;
    alerts.set(alert.id, {
      ...latest,
      told: [...latest.told, { step, atUs: nowUs, channels, group }],
      escalatesFromUs: latest.escalatesFromUs || nowUs,
    });
  };

  for (const part of partitions(due)) {
    const { step, channels } = part[0]!;
    const { subject, kind } = part[0]!.alert;
    const members = part.map(({ alert }) => alert);
    const known = [...open.values()].filter((group) => group.class === kindClass(kind)).map(({ cause }) => cause);
    const explained = explain(members, classes.get(classKey(members[0]!)) ?? [], fleet, grouping, known);
    for (const found of explained.groups) {
      const key = groupKey(kindClass(kind), found.cause);
      const before = open.get(key) ?? newGroup(kindClass(kind), found.cause, nowUs);
      const group = { ...before, messages: before.messages + 1, channels: union(before.channels, channels) };
      open.set(key, group);
      groups.set(group.id, group);
      for (const alert of found.members) told(alert, step, channels, group.id);
      for (const channel of new Set(channels)) {
        notifications.push(groupMessage('firing', group, before, found, channel, step, nowUs));
      }
    }
    for (const alert of explained.alone) {
      const aloneBefore = (alerts.get(alert.id) ?? alert).told.filter(({ group }) => group === '');
      const channelsBefore = new Set(aloneBefore.flatMap((each) => each.channels));
      told(alert, step, channels, '');
      for (const channel of new Set(channels)) {
        notifications.push({
          ...aboutAlone('firing', alert, channel, nowUs),
          id: nameOf(alert.id, 'firing', step, channel),
          tenant: subject.tenant,
          step,
          opens: !channelsBefore.has(channel),
        });
      }
    }
  }
  return { notifications, alerts: [...alerts.values()], groups: [...groups.values()] };
}

export interface EndContext {
  readonly nowUs: number;
  readonly waitUs: number;
  /** Ids of groups with alerts that are not over. */
  readonly lasting: ReadonlySet<string>;
}

/** Tells the end of each alert to every channel that was told of it: a group's alerts together, once all are over or the first has waited long enough. */
export function tellEnds(
  owed: readonly Alert[],
  groups: ReadonlyMap<string, AlertGroup>,
  { nowUs, waitUs, lasting }: EndContext,
): Tellings {
  const notifications: Notification[] = [];
  const alerts: Alert[] = [];
  const changed: AlertGroup[] = [];
  for (const [id, members] of groupBy(owed, (alert) => alert.told[0]!.group)) {
    const group = groups.get(id);
    if (group === undefined) {
      for (const alert of members) {
        alerts.push({ ...alert, endToldAtUs: nowUs });
        for (const channel of toldChannels(alert)) {
          notifications.push({
            ...aboutAlone('resolved', alert, channel, nowUs),
            id: nameOf(alert.id, 'resolved', 0, channel),
            opens: false,
          });
        }
      }
      continue;
    }
    const firstEndUs = Math.min(...members.map((alert) => alert.resolved!.atUs));
    if (lasting.has(id) && nowUs - firstEndUs < waitUs) continue;
    const after = { ...group, messages: group.messages + 1 };
    changed.push(after);
    for (const alert of members) alerts.push({ ...alert, endToldAtUs: nowUs });
    for (const channel of new Set(members.flatMap((alert) => [...toldChannels(alert)]))) {
      const those = members.filter((alert) => toldChannels(alert).has(channel));
      const workers = new Set(those.map(({ subject }) => subject.worker)).size;
      const found = { cause: group.cause, members: those, workers, of: workers };
      notifications.push(groupMessage('resolved', after, group, found, channel, 0, nowUs));
    }
  }
  return { notifications, alerts, groups: changed };
}

function partitions(due: readonly DueStep[]): DueStep[][] {
  return [
    ...groupBy(due, ({ alert, step, channels }) =>
      JSON.stringify([classKey(alert), step, [...channels].sort()]),
    ).values(),
  ];
}

function classKey({ subject, kind }: Alert): string {
  return JSON.stringify([subject.tenant, kindClass(kind)]);
}

function groupKey(kinds: string, cause: Cause): string {
  return `${kinds} ${causeKey(cause)}`;
}

function newGroup(kinds: string, cause: Cause, nowUs: number): AlertGroup {
  const id = nameOf('group', kinds, causeKey(cause), nowUs);
  return { id, cause, class: kinds, openedAtUs: nowUs, messages: 0, channels: [] };
}

function groupMessage(
  about: Notification['about'],
  group: AlertGroup,
  before: AlertGroup,
  { cause, members, workers, of }: Explained<Alert>,
  channel: string,
  step: number,
  nowUs: number,
): Notification {
  return {
    id: nameOf(group.id, about, group.messages, channel),
    about,
    channel,
    tenant: cause.tenant,
    atUs: nowUs,
    severity: gravest(members),
    step,
    alerts: members.slice(0, MAX_LISTED_ALERTS).map(listed),
    count: members.length,
    thread: group.id,
    opens: !before.channels.includes(channel),
    group: { id: group.id, cause, workers, of },
  };
}

function aboutAlone(
  about: Notification['about'],
  alert: Alert,
  channel: string,
  nowUs: number,
): Omit<Notification, 'id' | 'opens'> {
  return {
    about,
    channel,
    tenant: alert.subject.tenant,
    atUs: nowUs,
    severity: alert.severity,
    step: 0,
    alerts: [listed(alert)],
    count: 1,
    thread: alert.id,
  };
}

function listed({ id, rule, kind, subject, severity, startedAtUs, traits, evidence, resolved }: Alert): NotifiedAlert {
  const alert = { id, rule, kind, subject, severity, startedAtUs, traits, evidence };
  return resolved === undefined ? alert : { ...alert, over: resolved.why };
}

function gravest(alerts: readonly Alert[]): Severity {
  return SEVERITIES[Math.max(...alerts.map(({ severity }) => SEVERITIES.indexOf(severity)))]!;
}

function toldChannels(alert: Alert): Set<string> {
  return new Set(alert.told.flatMap(({ channels }) => channels));
}

/** As Map.groupBy does, which Node 20 does not have. */
function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}

function nameOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** A message that tries a channel: appended to the topic as a notification, whoever keeps the alerts sends it. @param id a new one. */
export function testNotification(id: string, channel: string, tenant: string, by: string, atUs: number): Notification {
  return {
    id,
    about: 'test',
    channel,
    tenant,
    atUs,
    severity: 'info',
    step: 0,
    alerts: [],
    count: 0,
    thread: id,
    opens: true,
    by,
  };
}

// Notifications in words: one line that says what and where, then the details. Names come from miners; each channel escapes them its own way.
import type { Cause, Notification, NotifiedAlert, RuleKind, Severity, Subject } from '@assay/alerting';
import { partOf, SEVERITIES } from '@assay/alerting';
import type { AlertMessage } from './channel.ts';

const KIND_WORDS: Readonly<Record<RuleKind, string>> = {
  offline: 'offline',
  rate_below_expected: 'hash rate below what is expected',
  rate_threshold: 'hash rate below its threshold',
  invalid_up: 'more invalid shares than usual',
  stale_up: 'more stale shares than usual',
  latency_up: 'slow to answer',
  flapping: 'connection comes and goes',
  no_shares: 'connected, but sends no shares',
  upstream_down: 'upstream pool down',
  integrity: 'shares judged unlike by gateway and validator',
  place_down: 'down',
  gateways_silent: 'nothing heard from the gateways',
};

/** The message of one notification. */
export function messageOf(notification: Notification): AlertMessage {
  const { id, about, tenant, severity, atUs, thread, opens } = notification;
  return {
    id,
    about,
    tenant,
    severity,
    atUs,
    title: titleOf(notification),
    lines: linesOf(notification),
    thread,
    opens,
    notifications: [notification],
  };
}

/** One message for many notifications, a line each; for programs they are all there. */
export function digestOf(id: string, atUs: number, notifications: readonly Notification[]): AlertMessage {
  const ends = notifications.filter(({ about }) => about === 'resolved').length;
  const tenants = [...new Set(notifications.map(({ tenant }) => tenant))];
  return {
    id,
    about: 'digest',
    tenant: tenants.length === 1 ? tenants[0]! : '',
    severity: gravest(notifications.map(({ severity }) => severity)),
    atUs,
    title: `${notifications.length} messages at once: ${notifications.length - ends} of trouble, ${ends} of its end`,
    lines: notifications.map(titleOf),
    thread: '',
    opens: true,
    notifications,
  };
}

function titleOf(notification: Notification): string {
  const { about, severity, step, group } = notification;
  if (about === 'test') return 'Test: alerts of Assay reach you here';
  const head = about === 'resolved' ? endWord(notification) : severity.toUpperCase();
  const again = step > 0 ? ` (step ${step + 1}, not acknowledged)` : '';
  return `${head}: ${group === undefined ? aloneTitle(notification) : groupTitle(notification, group)}${again}`;
}

/** Nobody knows whether trouble is over whose rule was taken away. */
function endWord({ alerts }: Notification): string {
  return alerts.every(({ over }) => over === 'rule_removed') ? 'Closed' : 'Resolved';
}

function aloneTitle({ alerts }: Notification): string {
  const [alert] = alerts;
  return alert === undefined ? 'alert' : `${aboutWords(alert)}: ${KIND_WORDS[alert.kind]}`;
}

function groupTitle(
  { about, count }: Notification,
  { cause, workers, of }: NonNullable<Notification['group']>,
): string {
  const where = causeWords(cause);
  if (about === 'resolved') return `${where}: ${count} ${count === 1 ? 'alert is' : 'alerts are'} over`;
  return `${where}: ${workers} of ${of} workers in trouble`;
}

function linesOf(notification: Notification): string[] {
  const { about, alerts, count, group, by } = notification;
  if (about === 'test') return by === undefined ? [] : [`Asked for by ${by}`];
  if (group === undefined)
    return alerts.flatMap((alert) => [...evidenceLines(alert), sinceLine(alert), ...overLines(alert)]);
  const lines = [`Probable common cause: ${causeWords(group.cause)}`];
  for (const alert of alerts) {
    const evidence = Object.entries(alert.evidence).map(([name, value]) => `${name} ${value}`);
    lines.push([`${aboutWords(alert)}: ${KIND_WORDS[alert.kind]}`, ...evidence].join(', '));
  }
  if (count > alerts.length) lines.push(`and ${count - alerts.length} more alerts`);
  return lines;
}

function evidenceLines({ evidence }: NotifiedAlert): string[] {
  return Object.entries(evidence).map(([name, value]) => `${name}: ${value}`);
}

function overLines({ over }: NotifiedAlert): string[] {
  return over === 'rule_removed' ? ['its rule was removed or switched off: whether it is over is not known'] : [];
}

function sinceLine({ startedAtUs }: NotifiedAlert): string {
  return `since: ${utc(startedAtUs)}`;
}

function aboutWords({ kind, subject, traits }: NotifiedAlert): string {
  const part = partOf(kind, traits);
  return part === '' ? subjectWords(subject) : part;
}

function subjectWords({ tenant, site, rack, worker }: Subject): string {
  if (worker !== '') return worker;
  if (rack !== '') return `rack ${rack} of site ${site}`;
  if (site !== '') return `site ${site}`;
  return tenant === '*' ? 'the pool' : tenant;
}

function causeWords({ dimension, site, value }: Cause): string {
  switch (dimension) {
    case 'rack':
      return site === '' ? `rack ${value}` : `rack ${value} of site ${site}`;
    case 'site':
      return `site ${value}`;
    case 'gateway':
      return `gateway ${value}`;
    case 'upstream':
      return `upstream ${value}`;
    case 'userAgent':
      return `firmware ${value}`;
    case 'tenant':
      return value === '*' ? 'the whole pool' : `all of ${value}`;
  }
}

function gravest(severities: readonly Severity[]): Severity {
  return SEVERITIES[Math.max(0, ...severities.map((each) => SEVERITIES.indexOf(each)))]!;
}

function utc(atUs: number): string {
  return `${new Date(atUs / 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

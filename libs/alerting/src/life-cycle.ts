// The life of one alert: pending, firing, acknowledged, resolved. A pure function of what is known of it and what happens next.
//
// Invariants: time never goes back (a finding older than the last one is ignored); an episode that fired ends only in `resolved`; only
// an alert that was told owes its end.
import { createHash } from 'node:crypto';
import type { Alert, Finding, ResolvedWhy } from './alert.ts';
import { alertKey } from './alert.ts';
import type { AlertRule } from './rule.ts';

/** The alert after the finding; undefined when there is none and nothing is wrong. */
export function afterFinding(alert: Alert | undefined, finding: Finding, rule: AlertRule): Alert | undefined {
  if (alert !== undefined && finding.atUs < alert.lastFindingUs) return alert;
  if (finding.verdict === 'firing') {
    const open = alert === undefined || alert.state === 'resolved' ? newEpisode(alert, finding) : alert;
    return afterTime(
      {
        ...open,
        severity: finding.severity,
        evidence: finding.evidence,
        traits: finding.traits ?? open.traits,
        lastFindingUs: finding.atUs,
        okSinceUs: 0,
      },
      finding.atUs,
      rule,
    );
  }
  if (alert === undefined || alert.state === 'resolved') return alert;
  const at = { ...alert, lastFindingUs: finding.atUs };
  if (alert.state === 'pending') return resolve(at, finding.atUs, 'withdrawn');
  return afterTime({ ...at, okSinceUs: alert.okSinceUs || finding.atUs }, finding.atUs, rule);
}

/** What time alone changes: pending long enough is firing, ok long enough is resolved. */
export function afterTime(alert: Alert, nowUs: number, rule: AlertRule): Alert {
  if (alert.state === 'pending') {
    return nowUs - alert.startedAtUs >= rule.forUs ? fire(alert, nowUs, rule) : alert;
  }
  if (alert.state === 'resolved' || alert.okSinceUs === 0) return alert;
  const holdUs = alert.flapping ? Math.max(rule.clearForUs, rule.flapping.calmUs) : rule.clearForUs;
  return nowUs - alert.okSinceUs >= holdUs ? resolve(alert, nowUs, 'ok') : alert;
}

/** Undefined when the alert is not firing. */
export function acknowledge(alert: Alert, by: string, atUs: number): Alert | undefined {
  if (alert.state !== 'firing') return undefined;
  return { ...alert, state: 'acknowledged', acknowledged: { by, atUs } };
}

/** Back to firing: the escalation goes on where it stood, its delays counted anew. Undefined when it is not acknowledged. */
export function unacknowledge(alert: Alert, atUs: number): Alert | undefined {
  if (alert.state !== 'acknowledged') return undefined;
  const { acknowledged: _withdrawn, ...rest } = alert;
  return { ...rest, state: 'firing', escalatesFromUs: alert.escalatesFromUs === 0 ? 0 : atUs };
}

/** The rule is gone: nobody will ever say that the trouble is over. */
export function afterRuleRemoved(alert: Alert, atUs: number): Alert {
  return alert.state === 'resolved' ? alert : resolve(alert, atUs, 'rule_removed');
}

/** Whether the end is still owed to those who were told of the beginning. */
export function owesEnd(alert: Alert): boolean {
  return alert.state === 'resolved' && alert.told.length > 0 && alert.endToldAtUs === 0;
}

function newEpisode(before: Alert | undefined, finding: Finding): Alert {
  const { rule, kind, subject, severity, atUs } = finding;
  const key = before?.key ?? alertKey(finding);
  return {
    id: episodeId(key, atUs),
    key,
    rule,
    kind,
    subject,
    severity,
    evidence: {},
    traits: before?.traits ?? {},
    state: 'pending',
    startedAtUs: atUs,
    firedAtUs: 0,
    lastFindingUs: atUs,
    okSinceUs: 0,
    recentFiringsUs: before?.recentFiringsUs ?? [],
    flapping: false,
    told: [],
    escalatesFromUs: 0,
    endToldAtUs: 0,
    silencedBy: '',
  };
}

// The same findings make the same id, in whichever process: should two of them ever look after the alerts at once, what they tell has one id.
function episodeId(key: string, startedAtUs: number): string {
  return createHash('sha256').update(`${key}@${startedAtUs}`).digest('hex').slice(0, 24);
}

function fire(alert: Alert, atUs: number, { flapping }: AlertRule): Alert {
  const recent = [...alert.recentFiringsUs.filter((firedUs) => atUs - firedUs < flapping.withinUs), atUs];
  return {
    ...alert,
    state: 'firing',
    firedAtUs: atUs,
    recentFiringsUs: recent.slice(-flapping.times),
    flapping: recent.length >= flapping.times,
  };
}

function resolve(alert: Alert, atUs: number, why: ResolvedWhy): Alert {
  return { ...alert, state: 'resolved', okSinceUs: alert.okSinceUs || atUs, resolved: { atUs, why } };
}

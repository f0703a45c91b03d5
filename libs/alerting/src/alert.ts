// The words of alerting. A detector says findings; an alert is what became of the findings of one rule about one subject; a notification
// is one message owed to one channel. Plain data with times in microseconds: nothing here reads a clock.

export const RULE_KINDS = [
  'offline',
  'rate_below_expected',
  'rate_threshold',
  'invalid_up',
  'stale_up',
  'latency_up',
  'flapping',
  'no_shares',
  'upstream_down',
  'integrity',
  'place_down',
  'gateways_silent',
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What a finding is about: a worker, or with empty narrower fields a rack, a site, or the whole tenant. Of the kinds that are about a part of
 * the pool, an upstream or a gateway, the finding's traits say which (partOf).
 */
export interface Subject {
  readonly tenant: string;
  readonly site: string;
  readonly rack: string;
  /** The whole username, or '' when the subject is wider than a worker. */
  readonly worker: string;
}

/** What a worker has in common with others besides its place: where a common cause is looked for. '' or absent when not known. */
export interface Traits {
  readonly gateway?: string | undefined;
  /** Name of the job source it works for. */
  readonly upstream?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** What a detector thinks of one subject under one rule. A verdict stands until the next one about the same subject and rule. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  readonly kind: RuleKind;
  readonly subject: Subject;
  readonly atUs: number;
  readonly verdict: 'firing' | 'ok';
  readonly severity: Severity;
  /** For people, by name: `{ rate: '93.1 TH/s (90.2 to 96.0)', expected: '104 TH/s' }`. */
  readonly evidence: Readonly<Record<string, string>>;
  readonly traits?: Traits;
}

export type AlertState =
  /** Found, but not yet for as long as the rule asks. */
  | 'pending'
  | 'firing'
  /** Somebody looks after it: no further escalation. */
  | 'acknowledged'
  | 'resolved';

export type ResolvedWhy =
  | 'ok'
  /** It was still pending: nobody was told. */
  | 'withdrawn'
  | 'rule_removed';

/** One step of the escalation that was told. */
export interface Told {
  readonly step: number;
  readonly atUs: number;
  readonly channels: readonly string[];
  /** The group it was told with, or '' when alone. */
  readonly group: string;
}

/** One episode of trouble. `key` names rule and subject; a new episode of the same key gets a new `id`. */
export interface Alert {
  readonly id: string;
  readonly key: string;
  readonly rule: string;
  readonly kind: RuleKind;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly evidence: Readonly<Record<string, string>>;
  readonly traits: Traits;
  readonly state: AlertState;
  /** Of the first finding of the episode. */
  readonly startedAtUs: number;
  /** When it had lasted long enough; 0 while pending. */
  readonly firedAtUs: number;
  readonly lastFindingUs: number;
  /** Since when the verdict is ok, though not for long enough; 0 while it is not. */
  readonly okSinceUs: number;
  readonly acknowledged?: { readonly by: string; readonly atUs: number };
  readonly resolved?: { readonly atUs: number; readonly why: ResolvedWhy };
  /** When this key's recent episodes fired, the oldest first: at most as many as make it flapping. */
  readonly recentFiringsUs: readonly number[];
  /** It comes and goes: it is resolved only after the rule's calm time. */
  readonly flapping: boolean;
  readonly told: readonly Told[];
  /** From when the delays of the escalation count: the first telling, or a withdrawn acknowledgement. 0 before. */
  readonly escalatesFromUs: number;
  /** When the end was told; 0 until then, and for ever when the beginning never was. */
  readonly endToldAtUs: number;
  /** What keeps it from being told just now: id of a maintenance window, 'quiet hours', or ''. */
  readonly silencedBy: string;
}

/** The cause that many alerts seem to have in common. `site` is '' except for a rack. */
export interface Cause {
  readonly dimension: CauseDimension;
  readonly tenant: string;
  readonly site: string;
  readonly value: string;
}

/** The narrowest first: of causes that explain as much and are as large, the earlier one is named. */
export const CAUSE_DIMENSIONS = ['rack', 'site', 'gateway', 'upstream', 'userAgent', 'tenant'] as const;
export type CauseDimension = (typeof CAUSE_DIMENSIONS)[number];

/** Alerts told together. It stays open while one of them lasts, so that who comes later joins it. */
export interface AlertGroup {
  readonly id: string;
  readonly cause: Cause;
  /** Which kinds of trouble it gathers (see kindClass). */
  readonly class: string;
  readonly openedAtUs: number;
  /** Messages told of it so far: numbers the next. */
  readonly messages: number;
  /** Channels that had a message of it. */
  readonly channels: readonly string[];
}

/** What a message says of one alert. */
export interface NotifiedAlert {
  readonly id: string;
  readonly rule: string;
  readonly kind: RuleKind;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly startedAtUs: number;
  readonly traits: Traits;
  readonly evidence: Readonly<Record<string, string>>;
  /** Why it is over, where a message says that it is. */
  readonly over?: ResolvedWhy;
}

/** One message owed to one channel. `id` never changes, whatever is retried: a receiver tells duplicates by it. */
export interface Notification {
  readonly id: string;
  /** `test` says nothing but that the channel works. */
  readonly about: 'firing' | 'resolved' | 'test';
  readonly channel: string;
  readonly tenant: string;
  readonly atUs: number;
  readonly severity: Severity;
  /** Of the escalation; 0 is the first. */
  readonly step: number;
  /** The first of `count`: a message lists so many. */
  readonly alerts: readonly NotifiedAlert[];
  readonly count: number;
  /** Names the conversation: the alert's id or the group's. A later message answers the first of its thread. */
  readonly thread: string;
  /** It is the first of its thread in this channel. */
  readonly opens: boolean;
  /** Who asked for a test. */
  readonly by?: string;
  readonly group?: {
    readonly id: string;
    readonly cause: Cause;
    /** Distinct workers of the cause in trouble, and how many it has. */
    readonly workers: number;
    readonly of: number;
  };
}

/** Names rule and subject: two findings with one key are about one alert. */
export function alertKey({
  rule,
  kind,
  subject,
  traits,
}: Pick<Finding, 'rule' | 'kind' | 'subject' | 'traits'>): string {
  const { tenant, site, rack, worker } = subject;
  const part = partOf(kind, traits ?? {});
  return JSON.stringify(part === '' ? [rule, tenant, site, rack, worker] : [rule, tenant, site, rack, worker, part]);
}

/** The part of the pool that a finding of such a kind is about, '' where it is about workers: it belongs to the subject. */
export function partOf(kind: RuleKind, { upstream = '', gateway = '' }: Traits): string {
  switch (kind) {
    case 'upstream_down':
      return upstream;
    case 'integrity':
    case 'gateways_silent':
      return gateway;
    case 'offline':
    case 'rate_below_expected':
    case 'rate_threshold':
    case 'invalid_up':
    case 'stale_up':
    case 'latency_up':
    case 'flapping':
    case 'no_shares':
    case 'place_down':
      return '';
  }
}

// What alert rules have watched: a rule of the control log as detection and the watch take it. A rule that has not changed stays the same
// object, so that its detectors keep what they have learned.
import { EVERY_TENANT, isUnder, type AlertRuleBody, type ControlState, type Group } from '@assay/tenancy';
import type { DetectionRule } from '@assay/detection';
import type { RejectReason } from '@assay/mining';
import type { WatchLevel, WatchRule } from './rule-watch.ts';

/** Late, or of a job that is gone: the machine's line, or the pool's, and not the machine itself. */
const LATE: readonly RejectReason[] = ['stale', 'unknown_job'];
/** What a machine that computes wrongly sends. Refusals of the pool's own, such as for too many shares, are no fault of it. */
const INVALID: readonly RejectReason[] = [
  'malformed',
  'duplicate',
  'ntime_out_of_range',
  'version_bits',
  'low_difficulty',
];

/** A machine at 97 % of its nameplate is as it should be; without this it would be found after some hours (docs/detection.md). */
const DEFAULT_TOLERANCE = 0.03;

export class WatchRules {
  readonly #state: ControlState;
  /** By body, which is another one after every change of the rule. */
  readonly #made = new Map<AlertRuleBody, readonly WatchRule[]>();

  constructor(state: ControlState) {
    this.#state = state;
  }

  get all(): readonly WatchRule[] {
    const enabled = [...this.#state.all('alert_rule')].filter(({ body }) => body.enabled);
    const bodies = new Set(enabled.map(({ body }) => body));
    for (const body of this.#made.keys()) if (!bodies.has(body)) this.#made.delete(body);
    return enabled.flatMap(({ id, body }) => {
      let made = this.#made.get(body);
      if (made === undefined) this.#made.set(body, (made = this.#make(id, body)));
      return made;
    });
  }

  #make(id: string, body: AlertRuleBody): readonly WatchRule[] {
    const { tenant, looksFor, severity, under, groups } = body;
    const detection = detectionOf(looksFor);
    if (detection === undefined) return [];
    const isEverything = under.length === 0 && groups.length === 0;
    const covers: WatchRule['covers'] = ({ worker }, tags) =>
      isEverything ||
      under.some((name) => isUnder(worker, name)) ||
      groups.some((group) => holds(this.#state.get('group', group)?.body, worker, tags));
    return levelsOf(looksFor.kind).map((level) => {
      const kind = looksFor.kind;
      return { id, tenant: tenant === EVERY_TENANT ? undefined : tenant, kind, severity, level, detection, covers };
    });
  }
}

function holds(group: Group | undefined, worker: string, tags: readonly string[]): boolean {
  return (
    group !== undefined &&
    (group.under.some((name) => isUnder(worker, name)) || group.tags.some((tag) => tags.includes(tag)))
  );
}

function levelsOf(kind: AlertRuleBody['looksFor']['kind']): readonly WatchLevel[] {
  if (kind === 'place_down') return ['rack', 'site'];
  return kind === 'gateways_silent' ? ['tenant'] : ['worker'];
}

/** Undefined where it is not workers that are looked at. */
function detectionOf(looksFor: AlertRuleBody['looksFor']): DetectionRule | undefined {
  switch (looksFor.kind) {
    case 'offline':
      return { ...looksFor, type: 'offline' };
    case 'no_shares':
      return { ...looksFor, type: 'idle' };
    case 'place_down':
    case 'gateways_silent':
      return { type: 'offline', falseAlarmsPerWorkerYear: looksFor.falseAlarmsPerWorkerYear };
    case 'rate_below_expected':
      return { ...looksFor, tolerance: looksFor.tolerance ?? DEFAULT_TOLERANCE, type: 'rate' };
    case 'rate_threshold':
      return { ...looksFor, type: 'threshold' };
    case 'invalid_up':
      return { ...looksFor, type: 'rejected', reasons: INVALID };
    case 'stale_up':
      return { ...looksFor, type: 'rejected', reasons: LATE };
    case 'flapping':
      return { ...looksFor, type: 'flapping' };
    case 'latency_up':
      return { ...looksFor, type: 'latency' };
    case 'upstream_down':
    case 'integrity':
      return undefined;
  }
}

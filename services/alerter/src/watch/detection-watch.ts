// Feeds the detectors with every minute as it closes, and answers what has changed. A minute is closed when all that was submitted in it is
// in the store, so a pool that is behind is never taken for machines that are silent: then there is nothing to say, and that is said.
// After a start the detectors learn from the minutes before it. Memory: per rule and worker one detector; of LATE_MINUTES every worker's counts.
import { alertKey, type Finding, type FleetMember, type Subject } from '@assay/alerting';
import type { AnalyticsStore } from '@assay/analytics';
import type { DetectionMinute, DetectionRule, LateShares } from '@assay/detection';
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from '@assay/kernel';
import type { LiveState, LiveWorker } from '@assay/live-state';
import { rackOf, tenantOf, type ControlState } from '@assay/tenancy';
import {
  closedMinutes,
  connectsPerMinute,
  latencyPerMinute,
  minuteKey,
  more,
  NOTHING,
  sharesPerMinute,
  type ClosedMinute,
  type MinuteRange,
  type MinuteShares,
  type NumbersPerMinute,
} from './closed-minutes.ts';
import { byPlace } from './places.ts';
import { RuleWatch, type WatchRule } from './rule-watch.ts';

export interface DetectionWatchPorts {
  readonly store: AnalyticsStore;
  readonly live: LiveState;
  readonly control: ControlState;
  /** The rules as they are now. A rule that is another object than before begins anew. */
  readonly rules: () => readonly WatchRule[];
  /** Minutes before the start to learn from. */
  readonly warmUpMinutes: number;
}

/** What a gateway read in a minute is submitted in it; so long the last of it may take to the store although nothing is behind. */
const CLOSED_AFTER_US = 10_000_000;
/** Shares that come later than this are on record, and change no verdict any more. */
const LATE_MINUTES = 10;
/** Rows of one query, so that catching up takes pieces that fit into memory. */
const ROWS_PER_READ = 200_000;
const SAY_AGAIN_US = MICROS_PER_HOUR;

/** What is known of a minute besides its shares, by worker; undefined where nobody asked, or there is nothing. */
interface NumbersOfMinute {
  readonly connects: ReadonlyMap<string, number> | undefined;
  readonly latencyMs: ReadonlyMap<string, number> | undefined;
}

interface Member extends FleetMember {
  readonly worker: LiveWorker;
  readonly tags: readonly string[];
  readonly expectedHashRateHs: number | undefined;
}

export class DetectionWatch {
  readonly #ports: DetectionWatchPorts;
  readonly #watches = new Map<WatchRule, RuleWatch>();
  /** What was handed in of the last minutes. */
  readonly #handedIn = new Map<number, ClosedMinute>();
  #members: readonly Member[] = [];
  /** First minute that was not handed in. */
  #next: number | undefined;
  #saidAgainUs = 0;

  constructor(ports: DetectionWatchPorts) {
    this.#ports = ports;
  }

  /** The workers there are, as of the last look. */
  get fleet(): Iterable<FleetMember> {
    return this.#members;
  }

  /** @param fresh whether all that is wrong has to be said again. Throws when nothing can be known at present. */
  async findings(nowUs: number, fresh: boolean, signal: AbortSignal): Promise<Finding[]> {
    this.#followRules();
    if (this.#watches.size === 0) return this.#rest();
    const { live } = this.#ports;
    const { live: isCurrent, asOfUs } = await live.standing(nowUs);
    if (!isCurrent) throw new Error('what miners do now is not known: shares are not counted in time');
    this.#members = (await live.workers(asOfUs)).map((worker) => this.#memberOf(worker)).filter(isWatched);

    const closed = Math.floor((asOfUs - CLOSED_AFTER_US) / MICROS_PER_MINUTE);
    const findings = lastOfEach([...(await this.#late(nowUs, signal)), ...(await this.#upTo(closed, nowUs, signal))]);
    if (!fresh && nowUs - this.#saidAgainUs < SAY_AGAIN_US) return findings;
    this.#saidAgainUs = nowUs;
    return [
      ...findings.filter(({ verdict }) => verdict === 'ok'),
      ...[...this.#watches.values()].flatMap((watch) => watch.firing(nowUs)),
    ];
  }

  /** Without rules nobody looks; with the first one everything begins anew. */
  #rest(): Finding[] {
    this.#next = undefined;
    this.#handedIn.clear();
    this.#members = [];
    return [];
  }

  #followRules(): void {
    const rules = new Set(this.#ports.rules());
    for (const rule of this.#watches.keys()) if (!rules.has(rule)) this.#watches.delete(rule);
    for (const rule of rules) if (!this.#watches.has(rule)) this.#watches.set(rule, new RuleWatch(rule));
  }

  async #upTo(closed: number, atUs: number, signal: AbortSignal): Promise<Finding[]> {
    const { warmUpMinutes } = this.#ports;
    const findings: Finding[] = [];
    this.#next = Math.max(this.#next ?? 0, closed - warmUpMinutes);
    const step = Math.max(1, Math.floor(ROWS_PER_READ / Math.max(1, this.#members.length)));
    while (this.#next < closed) {
      const to = Math.min(closed, this.#next + step);
      const minutes = await this.#read(this.#next, to, signal);
      const connects = await this.#wanted('flapping', connectsPerMinute, this.#next, to, signal);
      const latencies = await this.#wanted('latency', latencyPerMinute, this.#next, to, signal);
      for (let minute = this.#next; minute < to; minute++) {
        const more = { connects: connects.get(minute), latencyMs: latencies.get(minute) };
        findings.push(...this.#minute(minute, minutes.get(minute) ?? NOTHING, more, minute === closed - 1, atUs));
      }
      this.#next = to;
    }
    return findings;
  }

  #minute(minute: number, closed: ClosedMinute, more: NumbersOfMinute, isLast: boolean, atUs: number): Finding[] {
    this.#handedIn.set(minute, closed);
    for (const old of this.#handedIn.keys()) if (old < minute - LATE_MINUTES) this.#handedIn.delete(old);
    const all = this.#members
      // Of the minute in which a machine first came it has only a part: judged as a whole one, every new machine would be far too slow.
      .filter(({ worker }) => worker.firstSeenUs <= minute * MICROS_PER_MINUTE)
      .map((member) => [member, minuteOf(member, minute, closed.shares, more, isLast)] as const);
    // A rule of one tenant does not look through everybody else's workers.
    const ofTenant = new Map<string, (typeof all)[number][]>();
    for (const entry of all) {
      const { tenant } = entry[0].subject;
      const own = ofTenant.get(tenant);
      if (own === undefined) ofTenant.set(tenant, [entry]);
      else own.push(entry);
    }
    const findings: Finding[] = [];
    for (const [rule, watch] of this.#watches) {
      const own = rule.tenant === undefined ? all : (ofTenant.get(rule.tenant) ?? []);
      const covered = own.filter(([{ subject, tags }]) => rule.covers(subject, tags));
      findings.push(...watch.minute(rule.level === 'worker' ? covered : byPlace(covered, rule.level), atUs));
    }
    return findings;
  }

  /** What has come since for minutes that were handed in. Those of which nothing has come are not read again. */
  async #late(atUs: number, signal: AbortSignal): Promise<Finding[]> {
    const [first] = this.#handedIn.keys();
    if (first === undefined || this.#next === undefined) return [];
    const findings: Finding[] = [];
    const totals = await sharesPerMinute(
      this.#ports.store,
      { from: first, to: this.#next, tenants: this.#tenants },
      signal,
    );
    for (const [minute, before] of this.#handedIn) {
      if ((totals.get(minute) ?? 0) === before.total) continue;
      const now = (await this.#read(minute, minute + 1, signal)).get(minute) ?? NOTHING;
      for (const [key, counts] of now.shares) {
        const late = more(counts, before.shares.get(key));
        if (late !== undefined) findings.push(...this.#lateOf(counts, late, atUs));
      }
      this.#handedIn.set(minute, now);
    }
    return findings;
  }

  /** Of places nothing late is heard: their silence ends with the next minute that has shares. */
  #lateOf({ worker, algorithm }: MinuteShares, late: LateShares, atUs: number): Finding[] {
    const subject = subjectOf(worker);
    return [...this.#watches.values()]
      .filter(({ rule }) => rule.level === 'worker')
      .flatMap((watch) => watch.late(subject, algorithm, late, atUs));
  }

  get #tenants(): string[] {
    const tenants = new Set<string>();
    for (const { tenant } of this.#watches.keys()) {
      if (tenant === undefined) for (const { subject } of this.#members) tenants.add(subject.tenant);
      else tenants.add(tenant);
    }
    return [...tenants];
  }

  async #read(from: number, to: number, signal: AbortSignal): Promise<ReadonlyMap<number, ClosedMinute>> {
    const tenants = this.#tenants;
    if (tenants.length === 0) return new Map();
    const algorithms = new Map(this.#members.map(({ worker }) => [worker.worker, worker.algorithm]));
    return closedMinutes(this.#ports.store, { from, to, tenants }, (worker) => algorithms.get(worker), signal);
  }

  /** Asked for only where a rule wants to know. */
  async #wanted(
    by: DetectionRule['type'],
    read: (store: AnalyticsStore, range: MinuteRange, signal: AbortSignal) => Promise<NumbersPerMinute>,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<NumbersPerMinute> {
    const tenants = this.#tenants;
    const isWanted = [...this.#watches.keys()].some(({ detection }) => detection.type === by);
    return isWanted ? read(this.#ports.store, { from, to, tenants }, signal) : new Map();
  }

  #memberOf(worker: LiveWorker): Member | undefined {
    const entered = this.#ports.control.get('worker', worker.worker)?.body;
    if (entered?.standing === 'retired') return undefined;
    return {
      worker,
      subject: subjectOf(worker.worker),
      traits: { userAgent: worker.userAgent },
      tags: entered?.tags ?? [],
      expectedHashRateHs: entered?.expectedHashRateHs ?? worker.expectedHashRateHs,
    };
  }
}

/** What was wrong for a while in minutes that were caught up with, and is not any more, is no news. */
function lastOfEach(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [alertKey(finding), finding])).values()];
}

function isWatched(member: Member | undefined): member is Member {
  return member !== undefined;
}

export function subjectOf(worker: string): Subject {
  const [, site = ''] = worker.split('.', 2);
  return { tenant: tenantOf(worker), site, rack: rackOf(worker) ?? '', worker };
}

/** Whether it is connected is known of the present only. */
function minuteOf(
  { worker, expectedHashRateHs }: Member,
  minute: number,
  shares: ReadonlyMap<string, MinuteShares>,
  { connects, latencyMs }: NumbersOfMinute,
  isLast: boolean,
): DetectionMinute {
  const own = shares.get(minuteKey(worker.worker, worker.algorithm));
  return {
    minute,
    algorithm: worker.algorithm,
    connects: connects?.get(worker.worker) ?? 0,
    latencyMs: latencyMs?.get(worker.worker),
    shares: own?.shares ?? 0,
    work: own?.work ?? 0,
    rejected: own?.rejected ?? {},
    difficulty: isLast ? worker.difficulty : 0,
    connected: isLast ? worker.connections > 0 : undefined,
    expectedHashRateHs,
  };
}

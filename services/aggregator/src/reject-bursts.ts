// Finds reject bursts: a worker whose shares of one minute are mostly good suddenly sends bad ones (stale work after a network
// fault, a failing hash board, a wrong clock), and someone should be told once.
//
// The rule: a burst begins when a minute has at least 20 shares of a worker so far, 30 % or more of them rejected. It ends with
// the first finished minute under 15 %, or with fewer than 20 shares; only then can another begin.
//
// A worker is judged by its shares in one partition, in their order, minute by minute of submission; shares of a minute before
// the worker's current one count no more. So the outcome is a fold over the partition, the same whenever it is done again.
import { MICROS_PER_MINUTE } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import type { RejectReason } from '@assay/mining';
import type { Rollup } from '@assay/rollup';

export const BURST_RULE = { shares: 20, begins: 0.3, ends: 0.15 } as const;

/** How far back a fold has to begin to know what is a burst now, minutes. A longer one may be told a second time after a restart. */
export const BURST_MEMORY_MINUTES = 15;
/** Workers watched at once. Beyond it those silent for BURST_MEMORY_MINUTES are forgotten; if all are busy, newcomers are not watched, and counted. */
const MAX_WATCHED = 200_000;

export interface Burst {
  readonly tenant: string;
  readonly worker: string;
  /** Submission time of the worker's last share when the burst was found, microseconds. */
  readonly atUs: number;
  /** The most frequent reason of the minute so far. */
  readonly reason: RejectReason;
  readonly accepted: number;
  readonly rejected: number;
}

/** What was stored of a worker's minute: to fold the past without telling it again. */
export interface PastMinute {
  readonly worker: string;
  readonly minute: number;
  readonly accepted: number;
  /** By index into REJECT_REASONS. */
  readonly rejected: readonly number[];
  /** Whether a burst of the worker was told in this minute. */
  readonly told: boolean;
}

interface Watched {
  minute: number;
  accepted: number;
  rejected: Uint32Array;
  burst: boolean;
}

const REASONS = REJECT_REASONS.length;

export class RejectBurstDetector {
  /** Workers not watched because too many were. */
  unwatched = 0;
  readonly #watched = new Map<string, Watched>();

  /** Folds stored minutes, ascending by minute for each worker. */
  restore(past: Iterable<PastMinute>): void {
    for (const { worker, minute, accepted, rejected, told } of past) {
      const watched = this.#at(worker, minute);
      if (watched === undefined) continue;
      watched.accepted += accepted;
      rejected.forEach((count, code) => (watched.rejected[code]! += count));
      if (told) watched.burst = true;
    }
  }

  /** Folds a batch, summed by minute, and returns the bursts that began in it. */
  observe(minutes: Rollup): Burst[] {
    const rows = Array.from({ length: minutes.size }, (_, row) => row).sort(
      (a, b) => minutes.startUs[a]! - minutes.startUs[b]!,
    );
    const bursts: Burst[] = [];
    for (let first = 0; first < rows.length;) {
      // A worker may have two rows of one minute, one of them without a known job: judge after both.
      const startUs = minutes.startUs[rows[first]!]!;
      const touched = new Map<string, { row: number; watched: Watched; atUs: number }>();
      for (; first < rows.length && minutes.startUs[rows[first]!] === startUs; first++) {
        const row = rows[first]!;
        const { worker } = minutes.groups[minutes.group[row]!]!;
        const watched = this.#at(worker, startUs / MICROS_PER_MINUTE);
        if (watched === undefined) continue;
        watched.accepted += minutes.accepted[row]!;
        for (let code = 1; code < REASONS; code++) watched.rejected[code]! += minutes.rejected[row * REASONS + code]!;
        const atUs = Math.max(minutes.lastShareUs[row]!, touched.get(worker)?.atUs ?? 0);
        touched.set(worker, { row, watched, atUs });
      }
      for (const [worker, { row, watched, atUs }] of touched) {
        const rejected = total(watched.rejected);
        if (watched.burst || !isAtLeast(BURST_RULE.begins, watched.accepted, rejected)) continue;
        watched.burst = true;
        const { tenant } = minutes.groups[minutes.group[row]!]!;
        bursts.push({
          tenant,
          worker,
          atUs,
          reason: mostFrequent(watched.rejected),
          accepted: watched.accepted,
          rejected,
        });
      }
    }
    return bursts;
  }

  /** The worker's state in the minute, its earlier minutes closed; undefined when the minute is past or there is no room. */
  #at(worker: string, minute: number): Watched | undefined {
    let watched = this.#watched.get(worker);
    if (watched === undefined) {
      if (this.#watched.size >= MAX_WATCHED) this.#forgetSilent(minute);
      if (this.#watched.size >= MAX_WATCHED) {
        this.unwatched++;
        return undefined;
      }
      watched = { minute, accepted: 0, rejected: new Uint32Array(REASONS), burst: false };
      this.#watched.set(worker, watched);
    }
    if (minute < watched.minute) return undefined;
    if (minute > watched.minute) {
      const goesOn =
        minute === watched.minute + 1 && isAtLeast(BURST_RULE.ends, watched.accepted, total(watched.rejected));
      watched.burst &&= goesOn;
      watched.minute = minute;
      watched.accepted = 0;
      watched.rejected.fill(0);
    }
    return watched;
  }

  #forgetSilent(minute: number): void {
    for (const [worker, watched] of this.#watched) {
      if (watched.minute < minute - BURST_MEMORY_MINUTES) this.#watched.delete(worker);
    }
  }
}

function isAtLeast(fraction: number, accepted: number, rejected: number): boolean {
  const shares = accepted + rejected;
  return shares >= BURST_RULE.shares && rejected >= fraction * shares;
}

function total(counts: Uint32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function mostFrequent(rejected: Uint32Array): RejectReason {
  let most = 1;
  for (let code = 2; code < REASONS; code++) if (rejected[code]! > rejected[most]!) most = code;
  return REJECT_REASONS[most]!;
}

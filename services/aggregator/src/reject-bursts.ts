// Finds reject bursts: a worker whose shares are mostly good suddenly sends bad ones (stale work after a network fault, a failing
// hash board, a wrong clock), and someone should be told once.
//
// The rule: a burst begins in a minute that has at least 20 shares of a worker, 30 % or more of them rejected. It goes on while
// each following minute has at least 20, 15 % or more of them rejected. A burst after a minute without that is another one.
//
// Gateways spread a worker's shares over all partitions, so one detector serves every partition of the process, and minutes are
// those of submission, so it does not matter much which partition is read first. With several aggregators each judges by the
// partitions it holds. A batch observed again gives the bursts it gave before, and counts once.
import { MICROS_PER_MINUTE } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import type { RejectReason } from '@assay/mining';
import type { Rollup } from '@assay/rollup';
import type { BatchBounds } from './batch-ledger.ts';

export const BURST_RULE = { shares: 20, begins: 0.3, ends: 0.15 } as const;

/** Minutes of a worker that are remembered, the newest; shares of earlier ones count no more. */
export const BURST_MEMORY_MINUTES = 5;
/** Workers watched at once. Beyond it those silent for BURST_MEMORY_MINUTES are forgotten; if all are busy, newcomers are not watched, and counted. */
const MAX_WATCHED = 200_000;

export interface Burst {
  readonly tenant: string;
  readonly worker: string;
  /** Submission time of the worker's last share in the batch that showed it, microseconds. */
  readonly atUs: number;
  /** The most frequent reason of the minute so far. */
  readonly reason: RejectReason;
  readonly accepted: number;
  readonly rejected: number;
}

/** A worker's stored shares of one minute. */
export interface PastMinute {
  readonly worker: string;
  readonly minute: number;
  readonly accepted: number;
  /** By index into REJECT_REASONS. */
  readonly rejected: ArrayLike<number>;
}

/** What is stored of a partition below an offset, and the bursts that were told, whichever partition showed them. */
export interface BurstHistory {
  readonly minutes: readonly PastMinute[];
  readonly told: readonly { readonly worker: string; readonly minute: number }[];
}

interface Counts {
  accepted: number;
  rejected: number;
  /** By index into REJECT_REASONS; made with the first rejected share, as most minutes have none. */
  reasons: Uint32Array | undefined;
}

interface Watched {
  /** At most BURST_MEMORY_MINUTES, by minute. */
  readonly minutes: Map<number, Counts>;
  newest: number;
  /** Last minute of the burst that was told last. */
  burstUntil: number;
}

const REASONS = REJECT_REASONS.length;

export class RejectBurstDetector {
  /** Times a worker was not watched because too many were. */
  unwatched = 0;
  readonly #watched = new Map<string, Watched>();
  readonly #lastBatch = new Map<number, { readonly to: number; readonly bursts: readonly Burst[] }>();

  /** Whether the partition's past is known: restored, or observed. */
  knows(partition: number): boolean {
    return this.#lastBatch.has(partition);
  }

  /** @param offset the next offset to be observed of the partition */
  restore(partition: number, offset: number, { minutes, told }: BurstHistory): void {
    if (this.knows(partition)) return;
    this.#lastBatch.set(partition, { to: offset, bursts: [] });
    for (const past of minutes) this.#add(past.worker, past.minute, past.accepted, past.rejected, 0);
    for (const { worker, minute } of told) {
      const watched = this.#watched.get(worker);
      if (watched === undefined) continue;
      // Of a burst told before the minutes that are remembered it is assumed that it went on until then.
      watched.burstUntil = Math.max(watched.burstUntil, minute, Math.min(...watched.minutes.keys()) - 1);
    }
  }

  /** Takes a batch of the partition, summed by minute; returns the bursts that began in it. */
  observe(partition: number, { to }: BatchBounds, minutes: Rollup): readonly Burst[] {
    const last = this.#lastBatch.get(partition);
    if (last !== undefined && last.to >= to) return last.to === to ? last.bursts : [];
    const bursts = this.#judge(this.#take(minutes));
    this.#lastBatch.set(partition, { to, bursts });
    return bursts;
  }

  /** Adds the rows, in order of time; a worker may have two of one minute, one of them without a known job. */
  #take(minutes: Rollup): Touched[] {
    const rows = Array.from({ length: minutes.size }, (_, row) => row);
    rows.sort((a, b) => minutes.startUs[a]! - minutes.startUs[b]!);
    const touched = new Map<string, Touched>();
    for (const row of rows) {
      const { tenant, worker } = minutes.groups[minutes.group[row]!]!;
      const minute = minutes.startUs[row]! / MICROS_PER_MINUTE;
      const watched = this.#add(worker, minute, minutes.accepted[row]!, minutes.rejected, row * REASONS);
      // A minute without a rejected share begins nothing, and a burst goes on only by rejected shares.
      if (watched === undefined || watched.minutes.get(minute)!.rejected === 0) continue;
      const key = `${worker}\n${minute}`;
      const atUs = Math.max(minutes.lastShareUs[row]!, touched.get(key)?.atUs ?? 0);
      touched.set(key, { tenant, worker, minute, watched, atUs });
    }
    return [...touched.values()];
  }

  #judge(touched: readonly Touched[]): Burst[] {
    const bursts: Burst[] = [];
    for (const { tenant, worker, minute, watched, atUs } of touched) {
      const counts = watched.minutes.get(minute);
      if (counts === undefined) continue; // Later minutes of the same batch took its place.
      followBurst(watched, minute);
      if (minute <= watched.burstUntil || !isAtLeast(BURST_RULE.begins, counts)) continue;
      watched.burstUntil = minute;
      const { accepted, rejected } = counts;
      bursts.push({ tenant, worker, atUs, reason: mostFrequent(counts), accepted, rejected });
    }
    return bursts;
  }

  /** Undefined when the minute is too old to matter, or there is no room for the worker. */
  #add(
    worker: string,
    minute: number,
    accepted: number,
    rejected: ArrayLike<number>,
    from: number,
  ): Watched | undefined {
    const watched = this.#watched.get(worker) ?? this.#watch(worker, minute);
    if (watched === undefined || minute <= watched.newest - BURST_MEMORY_MINUTES) return undefined;
    let counts = watched.minutes.get(minute);
    if (counts === undefined) watched.minutes.set(minute, (counts = { accepted: 0, rejected: 0, reasons: undefined }));
    counts.accepted += accepted;
    for (let code = 1; code < REASONS; code++) {
      const count = rejected[from + code]!;
      if (count === 0) continue;
      counts.reasons ??= new Uint32Array(REASONS);
      counts.reasons[code]! += count;
      counts.rejected += count;
    }
    if (minute > watched.newest) {
      watched.newest = minute;
      for (const old of watched.minutes.keys()) if (old <= minute - BURST_MEMORY_MINUTES) watched.minutes.delete(old);
    }
    return watched;
  }

  #watch(worker: string, minute: number): Watched | undefined {
    if (this.#watched.size >= MAX_WATCHED) {
      for (const [name, { newest }] of this.#watched)
        if (newest <= minute - BURST_MEMORY_MINUTES) this.#watched.delete(name);
    }
    if (this.#watched.size >= MAX_WATCHED) {
      this.unwatched++;
      return undefined;
    }
    const watched: Watched = { minutes: new Map(), newest: minute, burstUntil: -Infinity };
    this.#watched.set(worker, watched);
    return watched;
  }
}

interface Touched {
  readonly tenant: string;
  readonly worker: string;
  readonly minute: number;
  readonly watched: Watched;
  readonly atUs: number;
}

/** Moves the end of the burst forward over the minutes, up to the given one, in which it went on. */
function followBurst(watched: Watched, upTo: number): void {
  for (let minute = watched.burstUntil + 1; minute <= upTo; minute++) {
    const counts = watched.minutes.get(minute);
    if (counts === undefined || !isAtLeast(BURST_RULE.ends, counts)) return;
    watched.burstUntil = minute;
  }
}

function isAtLeast(fraction: number, { accepted, rejected }: Counts): boolean {
  const shares = accepted + rejected;
  return shares >= BURST_RULE.shares && rejected >= fraction * shares;
}

function mostFrequent({ reasons }: Counts): RejectReason {
  let most = 1;
  for (let code = 2; code < REASONS; code++) if (reasons![code]! > reasons![most]!) most = code;
  return REJECT_REASONS[most]!;
}

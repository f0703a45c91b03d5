// What is known of one worker now: its live state, completed by what the store remembers. A worker that only the store knows
// (it did not connect since the live state began) is listed as offline.
import type { LiveWindow, LiveWorker } from '@assay/live-state';
import type { Algorithm } from '@assay/mining';
import { contribution, plausibleSilenceSeconds, ZERO_HASH_RATE, type Contribution, type HashRate } from '@assay/rollup';

export type WorkerStatus = 'ONLINE' | 'SILENT' | 'OFFLINE';

/** A worker as the store remembers it. Times in microseconds since 1970. */
export interface KnownWorker {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm;
  readonly userAgent: string;
  readonly difficulty: number;
  readonly firstSeenUs: number;
  readonly expectedHashRateHs: number | undefined;
  /** Last accepted share; undefined before the first. */
  readonly lastShareAtUs: number | undefined;
  readonly bestShareDifficulty: number;
}

/** Of who sees the worker since lately only, the windows are left out that speak of the time before. */
export type LiveRates = Readonly<Partial<Record<LiveWindow, HashRate>>>;

export interface WorkerFacts extends KnownWorker {
  /** Second segment of the username, or ''. */
  readonly site: string;
  readonly connectedSinceUs: number | undefined;
  /** Undefined while the live state is being rebuilt. */
  readonly rates: LiveRates | undefined;
  readonly status: WorkerStatus;
  /** Since when somebody has held a share of it, where that is why they see it and all they see of it. */
  readonly heldSinceUs?: number;
}

const NO_RATES: LiveRates = {
  '1m': ZERO_HASH_RATE,
  '5m': ZERO_HASH_RATE,
  '15m': ZERO_HASH_RATE,
  '1h': ZERO_HASH_RATE,
  '1d': ZERO_HASH_RATE,
};

/** The rate a worker should have: what somebody said, or else what it did over a day. 0 when neither is known. */
export function usualHashRateHs(expectedHashRateHs: number | undefined, rates: LiveRates | undefined): number {
  return expectedHashRateHs ?? rates?.['1d']?.hashRateHs ?? 0;
}

/** Undefined while the rate is not known, and without an expectation. */
export function contributionIn(
  { rates, expectedHashRateHs }: WorkerFacts,
  window: LiveWindow,
): Contribution | undefined {
  const rate = rates?.[window];
  return rate && contribution(rate, expectedHashRateHs);
}

function statusOf(live: LiveWorker, expectedHashRateHs: number | undefined, nowUs: number): WorkerStatus {
  if (live.connections === 0) return 'OFFLINE';
  const plausibleUs =
    1e6 * plausibleSilenceSeconds(live.algorithm, live.difficulty, usualHashRateHs(expectedHashRateHs, live.rates));
  // A fresh connection gets the whole silence anew: what was before it was time offline.
  const quietSinceUs = Math.max(live.lastShareAtUs ?? 0, live.connectedSinceUs ?? 0);
  return nowUs - quietSinceUs <= plausibleUs ? 'ONLINE' : 'SILENT';
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/**
 * @param enteredHashRateHs what people entered that it should do
 * @param isLive false while the live state is being rebuilt: its rates are then not shown.
 */
export function factsFromLive(
  live: LiveWorker,
  known: KnownWorker | undefined,
  enteredHashRateHs: number | undefined,
  nowUs: number,
  isLive: boolean,
): WorkerFacts {
  const expectedHashRateHs = enteredHashRateHs ?? live.expectedHashRateHs ?? known?.expectedHashRateHs;
  const { tenant, worker, algorithm, userAgent, difficulty, connectedSinceUs } = live;
  return {
    tenant,
    worker,
    site: siteIn(tenant, worker),
    algorithm,
    userAgent,
    difficulty,
    connectedSinceUs,
    firstSeenUs: known ? Math.min(live.firstSeenUs, known.firstSeenUs) : live.firstSeenUs,
    lastShareAtUs: latest(live.lastShareAtUs, known?.lastShareAtUs),
    bestShareDifficulty: Math.max(live.bestShareDifficulty, known?.bestShareDifficulty ?? 0),
    expectedHashRateHs,
    rates: isLive ? live.rates : undefined,
    status: statusOf(live, expectedHashRateHs, nowUs),
  };
}

export function factsFromStore(
  known: KnownWorker,
  enteredHashRateHs: number | undefined,
  isLive: boolean,
): WorkerFacts {
  return {
    ...known,
    expectedHashRateHs: enteredHashRateHs ?? known.expectedHashRateHs,
    site: siteIn(known.tenant, known.worker),
    connectedSinceUs: undefined,
    rates: isLive ? NO_RATES : undefined,
    status: 'OFFLINE',
  };
}

/** The second segment of the username, or ''. */
function siteIn(tenant: string, worker: string): string {
  const dot = worker.indexOf('.', tenant.length + 1);
  return worker.slice(tenant.length + 1, dot === -1 ? undefined : dot);
}

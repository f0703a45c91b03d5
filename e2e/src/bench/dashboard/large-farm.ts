// A farm of a hundred thousand machines on paper: who they are, what they should do, and what the live state knows of them. The same numbers give
// the same machines here and in SQL (large-history.ts).
import { ALGORITHMS } from '@assay/mining';
import { decayedFrom, type LiveSnapshot, type LiveState } from '@assay/live-state';

export interface FarmSize {
  readonly workers: number;
  readonly days: number;
  /** Days for which there are rollups by the minute. */
  readonly minuteDays: number;
}

export const MACHINES_PER_RACK = 50;
export const RACKS_PER_SITE = 40;
/** Shares a machine sends in a minute, as vardiff aims at. */
export const SHARES_PER_MINUTE = 20;
/** Assigned difficulty by model; hash rates follow from it. */
export const DIFFICULTIES = [65_536, 98_304, 131_072, 196_608];

/** Two fifths of the machines are one tenant's, a fifth another's, and eight share the rest. */
export function tenantOfMachine(n: number, workers: number): string {
  if (n < workers * 0.4) return 'acme';
  if (n < workers * 0.6) return 'globex';
  return `tenant${1 + Math.min(7, Math.floor((n - workers * 0.6) / (workers * 0.05)))}`;
}

export const TENANTS = ['acme', 'globex', ...Array.from({ length: 8 }, (_, i) => `tenant${i + 1}`)];

export function workerOfMachine(n: number, workers: number): string {
  const rack = Math.floor(n / MACHINES_PER_RACK);
  const site = Math.floor(rack / RACKS_PER_SITE);
  return `${tenantOfMachine(n, workers)}.site${site}.rack${rack}.m${n}`;
}

const difficultyOf = (n: number): number => DIFFICULTIES[n % DIFFICULTIES.length]!;

/** One machine in a hundred is not connected, one in fifty does four fifths of what it should. */
function snapshotOf(n: number, workers: number, nowUs: number): LiveSnapshot {
  const worker = workerOfMachine(n, workers);
  const difficulty = difficultyOf(n);
  const expectedHashRateHs = (difficulty * ALGORITHMS.sha256d.hashesPerDifficulty * SHARES_PER_MINUTE) / 60;
  const isOffline = n % 100 === 7;
  const fraction = n % 50 === 3 ? 0.8 : 1;
  // A day of shares, which each window decays for itself, as if they had all come some minutes ago.
  const work = SHARES_PER_MINUTE * 15 * fraction * difficulty;
  const sinceUs = nowUs - 20 * 86_400e6;
  return {
    tenant: tenantOfMachine(n, workers),
    worker,
    algorithm: 'sha256d',
    userAgent: n % 3 === 0 ? 'bmminer/2.0.0' : 'cgminer/4.12.0',
    remoteAddress: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    connections: isOffline ? [] : [{ gateway: 'gateway-1', connection: String(n), sinceUs }],
    authorizedAtUs: sinceUs,
    firstSeenUs: nowUs - 90 * 86_400e6,
    lastShareAtUs: nowUs - (isOffline ? 7200e6 : (n % 7) * 1e6),
    difficulty,
    bestShareDifficulty: difficulty * (1 + (n % 1000)),
    expectedHashRateHs,
    decayed: decayedFrom({ atUs: nowUs - 5e6, work, workSquared: work * difficulty }),
  };
}

/** Fills an empty live state with the farm as it is at `nowUs`, current for a day. */
export async function fillLive(live: LiveState, { workers }: FarmSize, nowUs: number): Promise<void> {
  const place = { topic: 'shares.verified', partition: 0 };
  await live.rebuild('', async () => ({
    workers: Array.from({ length: workers }, (_, n) => snapshotOf(n, workers, nowUs)),
    partitions: [{ ...place, fromOffset: 0, submittedFromUs: 0 }],
  }));
  const nothing = { ...place, lineage: 'bench', fromOffset: 0, endOffset: 0, deltas: [], events: [] };
  const update = { ...nothing, reachedUs: nowUs + 86_400e6 };
  const outcome = await live.apply(update);
  if (outcome.kind === 'behind') await live.apply({ ...update, fills: outcome.gap.token });
}

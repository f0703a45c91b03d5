// The query schema answered from the sample fleet: plain objects whose methods take a field's arguments, as graphql-js resolves them.
import { type SampleWorker, withInterval } from './sample-fleet.ts';
import { seriesOf } from './sample-series.ts';

type Algorithm = 'SHA256D' | 'SCRYPT';
type Range = Parameters<typeof seriesOf>[1];

interface Filter {
  tenant?: string;
  site?: string;
  search?: string;
  status?: string[];
  algorithm?: Algorithm;
}

interface Sort {
  field: 'NAME' | 'HASH_RATE' | 'UPTIME' | 'INVALID' | 'CONTRIBUTION' | 'LAST_SHARE' | 'DIFFICULTY';
  direction: 'ASC' | 'DESC';
}

export interface SampleEvent {
  id: string;
  at: string;
  type: string;
  tenant: string | null;
  worker: string | null;
  gateway: string;
  detail: string;
}

const WINDOW_SECONDS: Record<string, number> = { M1: 60, M5: 300, M15: 900, H1: 3600, D1: 86_400 };

export function filtered(workers: readonly SampleWorker[], filter: Filter | null | undefined): readonly SampleWorker[] {
  if (!filter) return workers;
  const search = filter.search?.toLowerCase();
  return workers.filter(
    (worker) =>
      (filter.tenant === undefined || worker.tenant === filter.tenant) &&
      (filter.site === undefined || worker.site === filter.site) &&
      (search === undefined || worker.name.toLowerCase().includes(search)) &&
      (filter.status === undefined || filter.status.includes(worker.status)) &&
      (filter.algorithm === undefined || worker.algorithm === filter.algorithm),
  );
}

const SORT_KEYS: Record<Sort['field'], (worker: SampleWorker) => number | string | null> = {
  NAME: (worker) => worker.name,
  HASH_RATE: (worker) => worker.hashRate,
  UPTIME: (worker) => worker.uptime,
  INVALID: (worker) => worker.invalidFraction,
  CONTRIBUTION: (worker) => (worker.expected === null ? null : worker.hashRate / worker.expected),
  LAST_SHARE: (worker) => worker.lastShareAtMs,
  DIFFICULTY: (worker) => worker.difficulty,
};

/** Sorted by the field with unknown values last in both directions, then by name. */
export function sorted(workers: readonly SampleWorker[], sort: Sort): SampleWorker[] {
  const key = SORT_KEYS[sort.field];
  const sign = sort.direction === 'ASC' ? 1 : -1;
  return [...workers].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === y) return a.name < b.name ? -1 : 1;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y ? -sign : sign;
  });
}

export function sharesOf(worker: SampleWorker, hours: number): object {
  const base = worker.status === 'ONLINE' ? worker.hashRate : (worker.expected ?? 0);
  const accepted = Math.round((base * hours * 3600 * (worker.uptime ?? 0)) / (worker.difficulty * 2 ** 32));
  const rejected = worker.invalidFraction === null ? 0 : Math.round((accepted * worker.invalidFraction) / (1 - worker.invalidFraction));
  const minor = Math.round(rejected * 0.2);
  const byReason = [
    { reason: worker.rejectReason, count: rejected - minor },
    { reason: 'duplicate', count: minor },
  ].filter((each) => each.count > 0);
  return { accepted, rejected, invalidFraction: worker.invalidFraction, byReason };
}

/** @param live false while the live state is being rebuilt: current rates are then null. */
export function workerAnswer(worker: SampleWorker, live: boolean, eventsOf: (worker: string) => readonly SampleEvent[]): object {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    name: worker.name,
    tenant: worker.tenant,
    site: worker.site,
    path: worker.path,
    algorithm: worker.algorithm,
    status: worker.status,
    userAgent: worker.userAgent,
    difficulty: worker.difficulty,
    expectedHashRate: worker.expected,
    bestShare: worker.difficulty * 18_211.5,
    connectedSince: iso(worker.connectedSinceMs),
    firstSeen: iso(worker.firstSeenMs),
    lastShareAt: iso(worker.lastShareAtMs),
    hashRate: ({ window }: { window: string }) => (live ? withInterval(worker.hashRate, worker.difficulty, WINDOW_SECONDS[window]!) : null),
    contribution: ({ window }: { window: string }) => {
      if (worker.expected === null || !live) return null;
      const { hashRate, low, high } = withInterval(worker.hashRate, worker.difficulty, WINDOW_SECONDS[window]!);
      return { fraction: hashRate / worker.expected, low: low / worker.expected, high: high / worker.expected };
    },
    uptime: () => worker.uptime,
    shares: ({ hours }: { hours: number }) => sharesOf(worker, hours),
    series: ({ range }: { range: Range }) => seriesOf([worker], range),
    events: ({ first }: { first: number }) => eventsOf(worker.name).slice(0, first),
  };
}

export function totalsAnswer(workers: readonly SampleWorker[], live: boolean): object {
  const of = (algorithm: Algorithm): SampleWorker[] => workers.filter((worker) => worker.algorithm === algorithm);
  const count = (status: string): number => workers.filter((worker) => worker.status === status).length;
  return {
    workers: workers.length,
    online: count('ONLINE'),
    silent: count('SILENT'),
    offline: count('OFFLINE'),
    hashRate: ({ window, algorithm }: { window: string; algorithm: Algorithm }) => {
      let rate = 0;
      let variance = 0;
      for (const worker of live ? of(algorithm) : []) {
        rate += worker.hashRate;
        variance += (worker.hashRate * worker.difficulty * 2 ** 32) / WINDOW_SECONDS[window]!;
      }
      return { hashRate: rate, low: Math.max(0, rate - 1.96 * Math.sqrt(variance)), high: rate + 1.96 * Math.sqrt(variance) };
    },
    expectedHashRate: ({ algorithm }: { algorithm: Algorithm }) => of(algorithm).reduce((sum, worker) => sum + (worker.expected ?? 0), 0),
    shares: () => {
      const parts = workers.map((worker) => sharesOf(worker, 24) as { accepted: number; rejected: number; byReason: { reason: string; count: number }[] });
      const accepted = parts.reduce((sum, part) => sum + part.accepted, 0);
      const rejected = parts.reduce((sum, part) => sum + part.rejected, 0);
      const reasons = new Map<string, number>();
      for (const part of parts) for (const { reason, count: n } of part.byReason) reasons.set(reason, (reasons.get(reason) ?? 0) + n);
      return {
        accepted,
        rejected,
        invalidFraction: accepted + rejected === 0 ? null : rejected / (accepted + rejected),
        byReason: [...reasons].map(([reason, n]) => ({ reason, count: n })),
      };
    },
    series: ({ range, algorithm }: { range: Range; algorithm: Algorithm }) => seriesOf(of(algorithm), range),
  };
}

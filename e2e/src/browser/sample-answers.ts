// The query schema answered from the sample fleet: plain objects whose methods take a field's arguments, as graphql-js resolves them.
import { GraphQLError } from 'graphql/index.js';
import { hashesPerShareOf, type SampleWorker, withInterval } from './sample-fleet.ts';
import { efficiencyOf, fleetEfficiencyOf, machineAnswer } from './sample-machines.ts';
import { latenciesOf, seriesOf } from './sample-series.ts';

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

/** What of the answers is there: current rates, and what ClickHouse holds. */
export interface Sight {
  readonly live: boolean;
  readonly history: boolean;
}

export function historyAway(): GraphQLError {
  return new GraphQLError('The history store (ClickHouse) cannot be reached.', {
    extensions: { code: 'STORE_UNAVAILABLE', retriable: true },
  });
}

/** The value of a history field, or the error that stands in its place. */
function fromHistory<T>(sight: Sight, value: () => T): T {
  if (!sight.history) throw historyAway();
  return value();
}

const WINDOW_SECONDS: Record<string, number> = { M1: 60, M5: 300, M15: 900, H1: 3600, D1: 86_400 };

/** A field given as null is as good as left out, as at the gateway. */
export function filtered(workers: readonly SampleWorker[], filter: Filter | null | undefined): readonly SampleWorker[] {
  const { tenant, site, search, status, algorithm } = Object.fromEntries(
    Object.entries(filter ?? {}).filter(([, value]) => value !== null),
  ) as Filter;
  const part = search?.toLowerCase();
  return workers.filter(
    (worker) =>
      (tenant === undefined || worker.tenant === tenant) &&
      (site === undefined || worker.site === site) &&
      (part === undefined || worker.name.toLowerCase().includes(part)) &&
      (status === undefined || status.includes(worker.status)) &&
      (algorithm === undefined || worker.algorithm === algorithm),
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

interface SampleShares {
  accepted: number;
  rejected: number;
  invalidFraction: number | null;
  byReason: { reason: string; count: number }[];
}

function sharesOf(worker: SampleWorker, hours: number): SampleShares {
  const base = worker.status === 'ONLINE' ? worker.hashRate : (worker.expected ?? 0);
  const accepted = Math.round((base * hours * 3600 * (worker.uptime ?? 0)) / hashesPerShareOf(worker));
  const rejected =
    worker.invalidFraction === null
      ? 0
      : Math.round((accepted * worker.invalidFraction) / (1 - worker.invalidFraction));
  const minor = Math.round(rejected * 0.2);
  const byReason = [
    { reason: worker.rejectReason, count: rejected - minor },
    { reason: 'duplicate', count: minor },
  ].filter((each) => each.count > 0);
  return { accepted, rejected, invalidFraction: worker.invalidFraction, byReason };
}

export function workerAnswer(
  worker: SampleWorker,
  sight: Sight,
  eventsOf: (worker: string) => readonly SampleEvent[],
): object {
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
    openAlerts: [],
    hashRate: ({ window }: { window: string }) => (sight.live ? withInterval(worker, WINDOW_SECONDS[window]!) : null),
    contribution: ({ window }: { window: string }) => {
      if (worker.expected === null || !sight.live) return null;
      const { hashRate, low, high } = withInterval(worker, WINDOW_SECONDS[window]!);
      return { fraction: hashRate / worker.expected, low: low / worker.expected, high: high / worker.expected };
    },
    uptime: () => fromHistory(sight, () => worker.uptime),
    shares: ({ hours }: { hours: number }) => fromHistory(sight, () => sharesOf(worker, hours)),
    series: ({ range }: { range: Range }) =>
      fromHistory(sight, () => ({ ...seriesOf([worker], range), efficiency: efficiencyOf(worker) })),
    latencySeries: ({ range }: { range: Range }) => fromHistory(sight, () => latenciesOf(worker, range)),
    ...machineAnswer(worker),
    events: ({ first }: { first: number }) => fromHistory(sight, () => eventsOf(worker.name).slice(0, first)),
  };
}

export function totalsAnswer(workers: readonly SampleWorker[], sight: Sight): object {
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
      for (const worker of sight.live ? of(algorithm) : []) {
        rate += worker.hashRate;
        variance += (worker.hashRate * hashesPerShareOf(worker)) / WINDOW_SECONDS[window]!;
      }
      return {
        hashRate: rate,
        low: Math.max(0, rate - 1.96 * Math.sqrt(variance)),
        high: rate + 1.96 * Math.sqrt(variance),
      };
    },
    expectedHashRate: ({ algorithm }: { algorithm: Algorithm }) =>
      of(algorithm).reduce((sum, worker) => sum + (worker.expected ?? 0), 0),
    efficiency: ({ algorithm }: { algorithm: Algorithm }) => (sight.live ? fleetEfficiencyOf(of(algorithm)) : null),
    shares: () => fromHistory(sight, () => totalShares(workers)),
    series: ({ range, algorithm }: { range: Range; algorithm: Algorithm }) =>
      fromHistory(sight, () => seriesOf(of(algorithm), range)),
  };
}

function totalShares(workers: readonly SampleWorker[]): object {
  const parts = workers.map((worker) => sharesOf(worker, 24));
  const accepted = parts.reduce((sum, part) => sum + part.accepted, 0);
  const rejected = parts.reduce((sum, part) => sum + part.rejected, 0);
  const reasons = new Map<string, number>();
  for (const { byReason } of parts)
    for (const { reason, count } of byReason) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  return {
    accepted,
    rejected,
    invalidFraction: accepted + rejected === 0 ? null : rejected / (accepted + rejected),
    byReason: [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
  };
}

// What the sample fleet's machines have on record beyond their shares: power, changes of what is expected of them, connections.
import type { SampleWorker } from './sample-fleet.ts';
import { withInterval } from './sample-fleet.ts';

const DAY_MS = 86_400_000;
/** Joules per hash of the machines' kind, as data sheets have them. */
const RATED = { SHA256D: 2.6e-11, SCRYPT: 3.4e-7 } as const;

const iso = (ms: number): string => new Date(ms).toISOString();

export function machineAnswer(worker: SampleWorker, nowMs = Date.now()): object {
  const { expected } = worker;
  const watts = wattsOf(worker);
  const changes = expected === null || watts === null ? [] : expectationChanges(expected, watts, nowMs);
  return {
    ratedPowerWatts: watts,
    expectedJoulesPerHash: watts === null ? null : watts / expected!,
    efficiency: () => efficiencyOf(worker),
    expectationChanges: changes,
    connectsByDay: ({ days }: { days: number }) =>
      connectTimes(worker, days, nowMs).map(({ atMs, count }) => ({ date: iso(atMs).slice(0, 10), count })),
    connections: ({ first }: { first: number }) => connections(worker, first, nowMs),
  };
}

function wattsOf({ expected, algorithm }: SampleWorker): number | null {
  return expected === null ? null : Math.round(expected * RATED[algorithm]);
}

export function efficiencyOf(worker: SampleWorker): object | null {
  const watts = wattsOf(worker);
  const { hashRate, low, high } = withInterval(worker, 3600);
  if (watts === null || hashRate === 0) return null;
  return { joulesPerHash: watts / hashRate, low: watts / high, high: low > 0 ? watts / low : null };
}

export function fleetEfficiencyOf(workers: readonly SampleWorker[]): object | null {
  const connected = workers.filter(({ status }) => status !== 'OFFLINE');
  const powered = connected.filter((worker) => wattsOf(worker) !== null);
  const sum = (valueOf: (worker: SampleWorker) => number): number =>
    powered.reduce((total, worker) => total + valueOf(worker), 0);
  const watts = sum((worker) => wattsOf(worker)!);
  const rate = sum(({ hashRate }) => hashRate);
  if (rate === 0) return null;
  return {
    joulesPerHash: watts / rate,
    low: (0.999 * watts) / rate,
    high: (1.001 * watts) / rate,
    expectedJoulesPerHash: watts / sum(({ expected }) => expected!),
    ratedPowerWatts: watts,
    workers: powered.length,
    ofWorkers: connected.length,
  };
}

function expectationChanges(expected: number, watts: number, nowMs: number): object[] {
  const now = { expectedHashRate: expected, ratedPowerWatts: watts, model: 'as delivered' };
  const by = { kind: 'USER', id: 'ann', name: 'Ann' };
  return [
    { id: 'c2', at: iso(nowMs - 9 * 3_600_000), by, before: { ...now, expectedHashRate: expected * 0.93 }, after: now },
    {
      id: 'c1',
      at: iso(nowMs - 21 * DAY_MS),
      by: null,
      before: { ...now, expectedHashRate: null },
      after: { ...now, expectedHashRate: expected * 0.93 },
    },
  ];
}

/** One in nine days has a new connection; of a machine that flaps every day has some. */
function connectTimes(worker: SampleWorker, days: number, nowMs: number): { atMs: number; count: number }[] {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return Array.from({ length: days }, (_, i) => {
    const atMs = today - (days - 1 - i) * DAY_MS;
    const draw = (worker.seed + Math.floor(atMs / DAY_MS) * 7) % 9;
    return { atMs, count: worker.kind === 'flapping' ? 3 + draw * 3 : draw === 0 ? 1 : 0 };
  }).filter(({ atMs, count }) => count > 0 && atMs >= worker.firstSeenMs);
}

function connections(worker: SampleWorker, first: number, nowMs: number): object {
  const starts = connectTimes(worker, 40, nowMs)
    .map(({ atMs }) => atMs + 3 * 3_600_000)
    .filter((atMs) => atMs < (worker.connectedSinceMs ?? nowMs) - 3_600_000);
  if (worker.connectedSinceMs !== null) starts.push(worker.connectedSinceMs);
  const reasons = ['closed', 'idle', 'gateway_restarted', 'slow_reader'];
  const all = starts
    .map((atMs, i) => {
      const isOpen = atMs === worker.connectedSinceMs;
      const next = starts[i + 1] ?? nowMs;
      return {
        id: String(atMs),
        gateway: `gateway-${1 + (i % 2)}`,
        remoteAddress: `10.20.${worker.seed % 200}.7:40${(i * 37) % 900}`,
        userAgent: worker.userAgent,
        difficulty: worker.difficulty,
        connectedAt: iso(atMs),
        endedAt: isOpen ? null : iso(next - 90_000),
        endReason: isOpen ? null : reasons[i % reasons.length],
        isOpen,
      };
    })
    .reverse();
  return { nodes: all.slice(0, first), pageInfo: { hasNextPage: all.length > first, endCursor: null } };
}

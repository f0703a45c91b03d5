// A made-up fleet for developing and testing the dashboard without a pool: deterministic for a seed, with the ways machines really fail.
import { Random } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';

/** How a sample machine behaves. */
export type SampleKind =
  'healthy' | 'slow' | 'bad-board' | 'stale-prone' | 'silent' | 'dead' | 'unmeasured' | 'flapping';

export interface SampleWorker {
  readonly name: string;
  readonly tenant: string;
  readonly site: string;
  readonly path: string;
  readonly algorithm: 'SHA256D' | 'SCRYPT';
  readonly kind: SampleKind;
  readonly userAgent: string;
  readonly difficulty: number;
  /** Null when nobody said what the machine should do. */
  readonly expected: number | null;
  readonly firstSeenMs: number;
  readonly connectedSinceMs: number | null;
  readonly invalidFraction: number | null;
  readonly rejectReason: string;
  readonly uptime: number | null;
  readonly seed: number;
  /** What changes while the server runs. */
  status: 'ONLINE' | 'SILENT' | 'OFFLINE';
  hashRate: number;
  lastShareAtMs: number | null;
}

interface Model {
  readonly userAgent: string;
  readonly rate: number;
  readonly difficulty: number;
  readonly algorithm: 'SHA256D' | 'SCRYPT';
}

const MODELS: readonly Model[] = [
  { userAgent: 'bmminer/2.0.0/Antminer S19 Pro', rate: 110e12, difficulty: 262_144, algorithm: 'SHA256D' },
  { userAgent: 'bmminer/2.0.0/Antminer S21', rate: 200e12, difficulty: 524_288, algorithm: 'SHA256D' },
  { userAgent: 'btminer/3.4.0 (Whatsminer M50S)', rate: 126e12, difficulty: 262_144, algorithm: 'SHA256D' },
  { userAgent: 'cgminer/4.11.1 (Avalon A1366)', rate: 130e12, difficulty: 262_144, algorithm: 'SHA256D' },
  { userAgent: 'bitaxe/BM1370/v2.9.1', rate: 1.2e12, difficulty: 2_048, algorithm: 'SHA256D' },
];
const SCRYPT_MODEL: Model = {
  userAgent: 'bmminer/1.0.2/Antminer L7',
  rate: 9.5e9,
  difficulty: 65_536,
  algorithm: 'SCRYPT',
};

const PLACES: readonly (readonly [string, string])[] = [
  ['northwind', 'oslo'],
  ['northwind', 'tromso'],
  ['helios', 'atacama'],
  ['helios', 'sonora'],
  ['helios', 'mojave'],
  ['basin', 'permian'],
  ['basin', 'bakken'],
];

const FACTOR: Readonly<Record<SampleKind, number>> = {
  healthy: 1,
  slow: 0.85,
  'bad-board': 0.66,
  'stale-prone': 0.97,
  silent: 0,
  dead: 0,
  unmeasured: 1,
  flapping: 0.92,
};

const HOUR = 3_600_000;

function kindOf(random: Random): SampleKind {
  const draw = random.float();
  if (draw < 0.004) return 'silent';
  if (draw < 0.016) return 'dead';
  if (draw < 0.02) return 'slow';
  if (draw < 0.023) return 'bad-board';
  if (draw < 0.028) return 'stale-prone';
  if (draw < 0.034) return 'flapping';
  return draw < 0.06 ? 'unmeasured' : 'healthy';
}

/** Builds `count` workers, in name order. With 60 or more, every kind of failure occurs. */
export function sampleFleet(count: number, nowMs: number, seed = 7): SampleWorker[] {
  const random = new Random(seed);
  const workers: SampleWorker[] = [];
  const failures: SampleKind[] = ['silent', 'dead', 'slow', 'bad-board', 'stale-prone', 'flapping', 'dead', 'silent'];
  for (let i = 0; i < count; i++) {
    const [tenant, site] = PLACES[i % PLACES.length]!;
    const rack = Math.floor(i / PLACES.length / 40) + 1;
    const slot = (Math.floor(i / PLACES.length) % 40) + 1;
    // A few machines fail whatever the draw, so that a small fleet has something to show too.
    const kind = i % 8 === 3 && failures.length > 0 ? failures.shift()! : kindOf(random);
    const model =
      tenant === 'basin' && site === 'bakken' && rack === 1
        ? SCRYPT_MODEL
        : random.pick(MODELS.slice(0, random.chance(0.04) ? 5 : 4));
    workers.push(
      sampleWorker(random, {
        tenant,
        site,
        path: `${site}.r${String(rack).padStart(2, '0')}.m${String(slot).padStart(3, '0')}`,
        kind,
        model,
        nowMs,
      }),
    );
  }
  return workers.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Recipe {
  tenant: string;
  site: string;
  path: string;
  kind: SampleKind;
  model: Model;
  nowMs: number;
}

function sampleWorker(random: Random, { tenant, site, path, kind, model, nowMs }: Recipe): SampleWorker {
  const offline = kind === 'dead';
  const silentMs =
    kind === 'silent'
      ? 9 * 60_000 + random.below(50 * 60_000)
      : offline
        ? 2 * HOUR + random.below(60 * HOUR)
        : random.below(25_000);
  const rate = model.rate * FACTOR[kind] * (0.98 + 0.04 * random.float());
  return {
    name: `${tenant}.${path}`,
    tenant,
    site,
    path,
    algorithm: model.algorithm,
    kind,
    userAgent: model.userAgent,
    difficulty: model.difficulty,
    expected: kind === 'unmeasured' ? null : model.rate,
    firstSeenMs: nowMs - 40 * 24 * HOUR - random.below(200 * HOUR),
    connectedSinceMs: offline ? null : nowMs - (kind === 'flapping' ? 4 * 60_000 : random.below(300 * HOUR) + HOUR),
    invalidFraction:
      offline && silentMs > 24 * HOUR
        ? null
        : kind === 'stale-prone'
          ? 0.04 + 0.05 * random.float()
          : random.chance(0.3)
            ? 0
            : random.float() * 0.004,
    rejectReason: kind === 'bad-board' ? 'low_difficulty' : 'stale',
    uptime: offline
      ? Math.max(0, 1 - silentMs / (24 * HOUR))
      : kind === 'flapping'
        ? 0.82 + 0.1 * random.float()
        : kind === 'silent'
          ? 1 - silentMs / (24 * HOUR)
          : random.chance(0.7)
            ? 1
            : 0.97 + 0.03 * random.float(),
    seed: random.uint32(),
    status: offline ? 'OFFLINE' : kind === 'silent' ? 'SILENT' : 'ONLINE',
    hashRate: rate,
    lastShareAtMs: nowMs - silentMs,
  };
}

/** Hashes behind one share of a worker, by its algorithm's difficulty convention. */
export function hashesPerShareOf({ algorithm, difficulty }: SampleWorker): number {
  return difficulty * ALGORITHMS[algorithm === 'SCRYPT' ? 'scrypt' : 'sha256d'].hashesPerDifficulty;
}

/** The 95 % interval of a rate estimated from the shares of `seconds`: half-width 1.96/sqrt(n), and a count above zero even without shares. */
export function withInterval(
  worker: SampleWorker,
  seconds: number,
  hashRate = worker.hashRate,
): { hashRate: number; low: number; high: number } {
  const hashesPerShare = hashesPerShareOf(worker);
  const shares = (hashRate * seconds) / hashesPerShare;
  if (shares < 1) return { hashRate, low: 0, high: (3.7 * hashesPerShare) / seconds };
  const half = 1.96 / Math.sqrt(shares);
  return { hashRate, low: Math.max(0, hashRate * (1 - half)), high: hashRate * (1 + half) };
}

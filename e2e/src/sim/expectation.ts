// What must be in the store after all that was published, computed from the published blocks alone, share by share and without
// any code of the aggregator, and the comparison with what is there.
import { ALGORITHMS, REJECT_REASONS } from '@assay/mining';
import type { VerifiedBlock } from '@assay/share-block';
import type { ModelRow, ModelStore } from './model-store.ts';

const MINUTE_S = 60;
const ROLLUPS = [
  { table: 'rollup_1m', seconds: MINUTE_S, mask: undefined, partSeconds: 0 },
  { table: 'rollup_1h', seconds: 3600, mask: 'active_minutes', partSeconds: 60 },
  { table: 'rollup_1d', seconds: 86_400, mask: 'active_hours', partSeconds: 3600 },
] as const;

/** A published share in the terms of the table `shares`. */
interface Share {
  readonly key: string;
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: string;
  readonly atUs: number;
  readonly reason: string;
  readonly units: bigint;
  readonly achieved: number;
  readonly jobHash: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function sharesOf(block: VerifiedBlock): Share[] {
  return Array.from({ length: block.count }, (_, i) => {
    const job = block.jobs[block.job[i]!];
    const difficulty = block.difficulty[i]!;
    const extranonce2 = block.extranonce2.bytes.subarray(
      block.extranonce2.offsets[i],
      block.extranonce2.offsets[i + 1],
    );
    const extranonce1 = block.extranonce1.bytes.subarray(
      block.extranonce1.offsets[i],
      block.extranonce1.offsets[i + 1],
    );
    return {
      key: `${hex(extranonce1)} ${hex(extranonce2)} ${block.nonce[i]} ${block.submittedAtUs[i]}`,
      tenant: block.tenant.values[block.tenant.codes[i]!]!,
      worker: block.worker.values[block.worker.codes[i]!]!,
      algorithm: job?.algorithm ?? '',
      atUs: block.submittedAtUs[i]!,
      reason: REJECT_REASONS[block.verifiedRejectCode[i]!]!,
      units: BigInt(Math.floor(difficulty)) * 100_000_000n + BigInt(Math.round((difficulty % 1) * 1e8)),
      achieved: block.shareDifficulty[i]!,
      jobHash: job?.hash ?? '',
    };
  });
}

/** Sentences about everything that is not as it must be; empty when all is well. */
export function violations(shares: readonly Share[], store: ModelStore): string[] {
  return [
    ...rawViolations(shares, store),
    ...ROLLUPS.flatMap((rollup) => rollupViolations(shares, store, rollup)),
    ...jobViolations(shares, store),
  ];
}

function rawViolations(shares: readonly Share[], store: ModelStore): string[] {
  const rows = store.rows('shares');
  const found = new Map<string, number>();
  for (const row of rows) {
    const key = `${String(row['extranonce1'])} ${String(row['extranonce2'])} ${String(row['nonce'])} ${String(row['submitted_at'])}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  const lost = shares.filter(({ key }) => !found.has(key)).length;
  const twice = [...found.values()].filter((times) => times > 1).length;
  const places = new Set(
    rows.map((row) => `${String(row['log_partition'])}:${String(row['log_offset'])}:${String(row['log_row'])}`),
  ).size;
  const said: string[] = [];
  if (lost > 0) said.push(`${lost} of ${shares.length} shares are lost`);
  if (twice > 0) said.push(`${twice} shares are stored more than once`);
  if (rows.length !== shares.length) said.push(`${rows.length} rows for ${shares.length} shares`);
  if (places !== rows.length) said.push(`${rows.length} rows stand in ${places} places of the log`);
  return said;
}

interface Bucket {
  counts: Record<string, number>;
  units: bigint;
  best: number;
  first: number | null;
  last: number | null;
  mask: bigint;
}

const emptyBucket = (): Bucket => ({ counts: {}, units: 0n, best: 0, first: null, last: null, mask: 0n });
const lesser = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
const greater = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

function rollupViolations(
  shares: readonly Share[],
  store: ModelStore,
  { table, seconds, mask, partSeconds }: (typeof ROLLUPS)[number],
): string[] {
  const wanted = new Map<string, Bucket>();
  for (const share of shares) {
    const at = Math.floor(share.atUs / 1e6 / seconds) * seconds;
    const bucket = bucketOf(wanted, `${share.tenant} ${share.worker} ${share.algorithm} ${at}`);
    const column = share.reason === '' ? 'accepted' : `rejected_${share.reason}`;
    bucket.counts[column] = (bucket.counts[column] ?? 0) + 1;
    if (share.reason !== '') continue;
    bucket.units += share.units;
    bucket.best = Math.max(bucket.best, share.achieved);
    bucket.first = lesser(bucket.first, share.atUs);
    bucket.last = greater(bucket.last, share.atUs);
    if (mask !== undefined) bucket.mask |= 1n << BigInt(Math.floor((share.atUs / 1e6 - at) / partSeconds));
  }
  const found = new Map<string, Bucket>();
  for (const row of store.rows(table))
    addRow(
      bucketOf(
        found,
        `${String(row['tenant'])} ${String(row['worker'])} ${String(row['algorithm'])} ${String(row['at'])}`,
      ),
      row,
      mask,
    );

  const said: string[] = [];
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const [want, have] = [wanted, found].map((map) => describe(map.get(key)));
    if (want !== have) said.push(`${table}, ${key}: is ${have}, must be ${want}`);
  }
  return said;
}

function bucketOf(buckets: Map<string, Bucket>, key: string): Bucket {
  let bucket = buckets.get(key);
  if (bucket === undefined) buckets.set(key, (bucket = emptyBucket()));
  return bucket;
}

function addRow(bucket: Bucket, row: ModelRow, mask: string | undefined): void {
  for (const column of ['accepted', ...REJECT_REASONS.slice(1).map((reason) => `rejected_${reason}`)]) {
    const count = Number(row[column]);
    if (count > 0) bucket.counts[column] = (bucket.counts[column] ?? 0) + count;
  }
  bucket.units += row['work'] as bigint;
  bucket.best = Math.max(bucket.best, row['best_share'] as number);
  bucket.first = lesser(bucket.first, row['first_share'] as number | null);
  bucket.last = greater(bucket.last, row['last_share'] as number | null);
  if (mask !== undefined) bucket.mask |= BigInt(row[mask] as bigint | number);
}

function describe(bucket: Bucket | undefined): string {
  if (bucket === undefined) return 'nothing';
  const counts = Object.entries(bucket.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...bucket, counts, units: String(bucket.units), mask: String(bucket.mask) });
}

function jobViolations(shares: readonly Share[], store: ModelStore): string[] {
  const stored = new Set(store.rows('jobs').map((row) => row['hash']));
  const missing = new Set(shares.map(({ jobHash }) => jobHash).filter((hash) => hash !== '' && !stored.has(hash)));
  return missing.size === 0 ? [] : [`${missing.size} jobs that shares refer to are not stored`];
}

/**
 * Every published event once, under its own id, and no burst of a worker told twice in one minute by the same aggregator: each judges
 * by the partitions it holds.
 */
export function eventViolations(published: readonly string[], store: ModelStore, aggregators: number): string[] {
  const rows = store.rows('events');
  const said: string[] = [];
  const ids = rows.map((row) => String(row['id']));
  if (new Set(ids).size !== ids.length) said.push(`${ids.length - new Set(ids).size} events are stored more than once`);
  const fromLog = new Set(ids.filter((id) => id.startsWith('worker.events:')));
  const lost = published.filter((id) => !fromLog.has(id)).length;
  if (lost > 0 || fromLog.size !== published.length)
    said.push(`${lost} of ${published.length} worker events are lost, ${fromLog.size} are stored`);
  const bursts = rows
    .filter((row) => row['type'] === 'reject_burst')
    .map((row) => `${String(row['worker'])} ${Math.floor(Number(row['at']) / 60e6)}`);
  const told = new Map<string, number>();
  for (const burst of bursts) told.set(burst, (told.get(burst) ?? 0) + 1);
  const most = Math.max(0, ...told.values());
  if (most > aggregators)
    said.push(`a reject burst was told ${most} times in one minute by ${aggregators} aggregators`);
  return said;
}

/** Work decayed as of `nowUs`, from the published shares: what a live rate must rest on. */
export function decayedWork(
  shares: readonly Share[],
  worker: string,
  nowUs: number,
  timeConstantSeconds: number,
  slotUs: number,
): number {
  let work = 0;
  for (const share of shares) {
    if (share.worker !== worker || share.reason !== '' || !(share.algorithm in ALGORITHMS)) continue;
    const atUs = Math.floor(share.atUs / slotUs) * slotUs + slotUs / 2;
    work += (Number(share.units) / 1e8) * Math.exp(-(nowUs - atUs) / 1e6 / timeConstantSeconds);
  }
  return work;
}

export type { Share };

// Verified share blocks from a seed: many workers, both algorithms, every reject reason, difficulties from dust to giants, late
// shares. The shares are well formed but not mined: for what comes after the validator.
import type { Random } from '@assay/kernel';
import { createLocalJobMaker, sealJob, REJECT_CODE, REJECT_REASONS } from '@assay/mining';
import type { Algorithm, Job } from '@assay/mining';
import type { BinaryColumn, DictionaryColumn, VerifiedBlock } from '@assay/share-block';

export interface RandomBlocks {
  /** A block of `count` shares submitted about `nowUs`. */
  next(nowUs: number, count: number): VerifiedBlock;
}

export interface RandomBlockOptions {
  readonly random: Random;
  readonly gateway: string;
  /** Full usernames; the first segment is the tenant. */
  readonly workers: readonly string[];
  /** Both by default: in turn, at random. */
  readonly algorithms?: readonly Algorithm[];
  /** Assigned difficulties, one at random for each share; from dust to giants by default. */
  readonly difficulties?: readonly number[];
  /** Chance of a share to be rejected. */
  readonly rejected: number;
  /** Chance of a share to come late, by up to `latestUs`. */
  readonly late: number;
  readonly latestUs: number;
}

const DIFFICULTIES = [0.00001, 0.1, 0.3, 1, 3, 512, 65_536, 1_000_003, 2 ** 50];
const NO_BYTES = new Uint8Array(0);

export function randomBlocks(options: RandomBlockOptions): RandomBlocks {
  const { random, gateway, workers } = options;
  const makers = (options.algorithms ?? (['sha256d', 'scrypt'] as const)).map((algorithm) =>
    createLocalJobMaker({
      algorithm,
      seed: random.uint32(),
      branches: 3,
      nbits: 0x1d00ffff,
      extranonceSize: 12,
      tag: 'sim',
    }),
  );
  let jobs: Job[] = [];
  const renewJobs = (nowUs: number): void => {
    const nowSeconds = Math.floor(nowUs / 1e6);
    jobs = makers.map((maker) => sealJob(maker.next({ nowSeconds, newBlock: random.chance(0.1) })));
  };
  return {
    next(nowUs, count) {
      if (jobs.length === 0 || random.chance(0.2)) renewJobs(nowUs);
      return block(options, gateway, workers, jobs, nowUs, count);
    },
  };
}

function block(
  { random, rejected, late, latestUs, difficulties = DIFFICULTIES }: RandomBlockOptions,
  gateway: string,
  workers: readonly string[],
  jobs: readonly Job[],
  nowUs: number,
  count: number,
): VerifiedBlock {
  const column = <A extends Float64Array | Uint32Array | Uint8Array | Int32Array>(
    into: A,
    value: (i: number) => number,
  ): A => {
    for (let i = 0; i < count; i++) into[i] = value(i);
    return into;
  };
  const names = column(new Uint32Array(count), () => random.below(workers.length));
  const reasons = column(new Uint8Array(count), () =>
    random.chance(rejected) ? 1 + random.below(REJECT_REASONS.length - 1) : 0,
  );
  const job = column(new Int32Array(count), (i) =>
    reasons[i] === REJECT_CODE.unknown_job ? -1 : random.below(jobs.length),
  );
  const hashed = column(new Uint8Array(count), (i) => (job[i]! >= 0 && reasons[i] !== REJECT_CODE.malformed ? 1 : 0));
  const hashes = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) if (hashed[i] === 1) hashes.set(random.bytes(28), 32 * i);
  return {
    count,
    gateway,
    submittedAtUs: column(new Float64Array(count), () =>
      Math.floor(nowUs - (random.chance(late) ? random.float() * latestUs : random.float() * 1e6)),
    ),
    tenant: dictionary(
      column(new Uint32Array(count), (i) => names[i]!),
      workers.map((worker) => worker.split('.')[0]!),
    ),
    worker: dictionary(names, workers),
    jobs,
    job,
    extranonce1: bytesColumn(count, () => random.bytes(4)),
    extranonce2: bytesColumn(count, (i) => (reasons[i] === REJECT_CODE.malformed ? NO_BYTES : random.bytes(8))),
    ntime: column(new Uint32Array(count), () => Math.floor(nowUs / 1e6)),
    nonce: column(new Uint32Array(count), () => random.uint32()),
    versionBits: column(new Uint32Array(count), () => random.below(0x10000) << 13),
    versionMask: column(new Uint32Array(count), () => 0x1fffe000),
    difficulty: column(new Float64Array(count), () => random.pick(difficulties)),
    rejectCode: reasons.slice(),
    verifiedRejectCode: reasons,
    hashes,
    shareDifficulty: column(new Float64Array(count), (i) => (hashed[i] === 1 ? 0.001 + random.exponential(1e6) : 0)),
    blockCandidate: column(new Uint8Array(count), () => (random.chance(0.001) ? 1 : 0)),
  };
}

/** A dictionary holds a string once, although several workers are of one tenant. */
function dictionary(codes: Uint32Array, strings: readonly string[]): DictionaryColumn {
  const values = [...new Set(strings)];
  return { codes: codes.map((code) => values.indexOf(strings[code]!)), values };
}

function bytesColumn(count: number, pick: (i: number) => Uint8Array): BinaryColumn {
  const parts = Array.from({ length: count }, (_, i) => pick(i));
  const offsets = new Int32Array(count + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  const bytes = new Uint8Array(offsets[count]!);
  parts.forEach((part, i) => bytes.set(part, offsets[i]));
  return { offsets, bytes };
}

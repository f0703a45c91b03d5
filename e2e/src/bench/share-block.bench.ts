// The share block's codec against JSON, the format a log of shares is written in when nobody thinks about it. Both carry the
// same fields of the same shares; JSON gets the job once, too. Blocks of 1,000, 100 and 10 shares: a block's fixed cost shows
// in the small ones.
import { assert, Random } from '@assay/kernel';
import { createLocalJobMaker, sealJob, type Job } from '@assay/mining';
import {
  decodeSubmitted,
  encodeSubmitted,
  ShareColumnsBuilder,
  type ShareRow,
  type SubmittedBlock,
} from '@assay/share-block';
import type { BenchRow } from './bench-row.ts';
import { interleavedRates } from './interleaved-rates.ts';

const WORKERS = 100;

function shares(count: number): { rows: ShareRow[]; block: SubmittedBlock } {
  const random = new Random(count);
  const maker = createLocalJobMaker({
    algorithm: 'sha256d',
    seed: 1,
    branches: 12,
    nbits: 0x17034219,
    extranonceSize: 12,
    tag: '/assay/',
  });
  const job = sealJob(maker.next({ nowSeconds: 1_780_000_000, newBlock: true }));
  const rows = Array.from({ length: count }, (_, i): ShareRow => ({
    submittedAtUs: 1_780_000_000_000_000 + 1000 * i,
    tenant: `tenant${i % 3}`,
    worker: `tenant${i % 3}.site.rack.machine${i % WORKERS}`,
    job,
    extranonce1: random.bytes(4),
    extranonce2: random.bytes(8),
    ntime: 1_780_000_000,
    nonce: random.uint32(),
    versionBits: 0,
    versionMask: 0x1fffe000,
    difficulty: 65536,
    rejectCode: 0,
  }));
  const builder = new ShareColumnsBuilder('gateway-1');
  for (const row of rows) assert(builder.append(row), 'the builder is too small');
  return { rows, block: builder.build() };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

function toJson(rows: readonly ShareRow[]): string {
  const { hash, prevHash, coinbase1, coinbase2, merkleBranches, ...numbers } = rows[0]!.job as Job;
  const parts = {
    prevHash: hex(prevHash),
    coinbase1: hex(coinbase1),
    coinbase2: hex(coinbase2),
    merkleBranches: hex(merkleBranches),
  };
  const list = rows.map(({ job, extranonce1, extranonce2, ...rest }) => ({
    ...rest,
    job: job!.hash,
    extranonce1: hex(extranonce1),
    extranonce2: hex(extranonce2),
  }));
  return JSON.stringify({ job: { hash, ...parts, ...numbers }, shares: list });
}

function fromJson(text: string): number {
  const { shares: list } = JSON.parse(text) as { shares: { extranonce1: string; extranonce2: string }[] };
  let bytes = 0;
  for (const share of list)
    bytes += Buffer.from(share.extranonce1, 'hex').length + Buffer.from(share.extranonce2, 'hex').length;
  return bytes;
}

function rows(count: number): BenchRow[] {
  const { rows: list, block } = shares(count);
  const encoded = encodeSubmitted(block);
  const text = toJson(list);
  assert(decodeSubmitted(encoded).count === count && fromJson(text) === 12 * count, 'a codec lost a share');
  const blocks = Math.max(1, Math.floor(200 / count));
  const repeat = (work: () => void) => (): number => {
    for (let i = 0; i < blocks; i++) work();
    return blocks;
  };
  const row = (what: string, ours: () => void, baseline: string, theirs: () => void): BenchRow => {
    const { rate, baselineRate, ratio, spread } = interleavedRates(repeat(ours), repeat(theirs), 7, 60);
    return {
      name: `share block, ${what} ${count} shares`,
      unit: 'us/block',
      value: 1e6 / rate,
      baseline,
      baselineValue: 1e6 / baselineRate,
      ratio,
      spread,
    };
  };
  return [
    row(
      'encode',
      () => encodeSubmitted(block),
      'JSON.stringify',
      () => toJson(list),
    ),
    row(
      'decode',
      () => decodeSubmitted(encoded),
      'JSON.parse',
      () => fromJson(text),
    ),
    {
      name: `share block, size of ${count} shares`,
      unit: 'bytes',
      value: encoded.length,
      baseline: 'JSON',
      baselineValue: text.length,
      ratio: text.length / encoded.length,
    },
  ];
}

/** The rows of BENCHMARKS.md about the share block; takes about ten seconds. A ratio above 1 says how many times less ours costs. */
export async function shareBlock(): Promise<BenchRow[]> {
  return [1000, 100, 10].flatMap(rows);
}

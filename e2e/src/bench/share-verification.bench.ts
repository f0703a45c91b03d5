// Full share verification on one core: coinbase, twelve branches, header, hash, comparison with the target; ours in WASM
// against the same work through node:crypto. Both verify the same shares and must find the same ones good.
import { createHash, scryptSync } from 'node:crypto';
import { assert, Random } from '@assay/kernel';
import { meetsTarget, targetFromInteger, type Algorithm, type Job } from '@assay/mining';
import { createProver, HASH_BYTES, HEADER_BYTES, type ProofBatch } from '@assay/pow';
import type { BenchRow } from './bench-row.ts';
import { interleavedRates, type InterleavedRates } from './interleaved-rates.ts';

const SHARES = 1000;
const BRANCHES = 12;
const EXTRANONCE_BYTES = 8;
/** About one random hash in 64 meets it, so that the comparison decides both ways. */
const TARGET = targetFromInteger(2n ** 250n);

function makeJob(random: Random): Job {
  return {
    algorithm: 'sha256d',
    prevHash: random.bytes(32),
    coinbase1: random.bytes(110),
    coinbase2: random.bytes(132),
    merkleBranches: random.bytes(32 * BRANCHES),
    version: 0x20000000,
    nbits: 0x17034219,
    ntime: 1_750_000_000,
    hash: 'bench',
  };
}

function makeBatch(random: Random): ProofBatch {
  return {
    count: SHARES,
    job: new Int32Array(SHARES),
    jobs: [makeJob(random)],
    extranonce: {
      offsets: Int32Array.from({ length: SHARES + 1 }, (_, i) => EXTRANONCE_BYTES * i),
      bytes: random.bytes(EXTRANONCE_BYTES * SHARES),
    },
    version: Uint32Array.from({ length: SHARES }, () => (0x20000000 | (random.below(0x2000) << 13)) >>> 0),
    ntime: Uint32Array.from({ length: SHARES }, (_, i) => 1_750_000_000 + (i >> 4)),
    nonce: Uint32Array.from({ length: SHARES }, () => random.uint32()),
  };
}

function doubleSha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

/** The same through node:crypto, as a careful programmer writes it: every message is put together in a reused buffer. */
function verifyByNode(batch: ProofBatch): number {
  const job = batch.jobs[0]!;
  const coinbase = Buffer.concat([job.coinbase1, new Uint8Array(EXTRANONCE_BYTES), job.coinbase2]);
  const pair = Buffer.alloc(64);
  const header = Buffer.alloc(HEADER_BYTES);
  header.set(job.prevHash, 4);
  header.writeUInt32LE(job.nbits, 72);
  let good = 0;
  for (let i = 0; i < batch.count; i++) {
    const { offsets, bytes } = batch.extranonce;
    coinbase.set(bytes.subarray(offsets[i]!, offsets[i + 1]!), job.coinbase1.length);
    let root = doubleSha256(coinbase);
    for (let at = 0; at < job.merkleBranches.length; at += 32) {
      pair.set(root, 0);
      pair.set(job.merkleBranches.subarray(at, at + 32), 32);
      root = doubleSha256(pair);
    }
    header.writeUInt32LE(batch.version[i]!, 0);
    header.set(root, 36);
    header.writeUInt32LE(batch.ntime[i]!, 68);
    header.writeUInt32LE(batch.nonce[i]!, 76);
    if (meetsTarget(doubleSha256(header), 0, TARGET)) good++;
  }
  return good;
}

function row(name: string, unit: string, baseline: string, rates: InterleavedRates): BenchRow {
  const { rate, baselineRate, ratio, spread } = rates;
  return { name, unit, value: rate, baseline, baselineValue: baselineRate, ratio, spread };
}

function sha256dRow(mode: 'simd' | 'scalar'): BenchRow {
  const batch = makeBatch(new Random(125_552));
  const prover = createProver('sha256d', mode);
  const hashes = new Uint8Array(HASH_BYTES * SHARES);
  const expected = verifyByNode(batch);
  assert(expected > 0 && expected < SHARES, `the benchmark's target decides nothing: ${expected} of ${SHARES} meet it`);
  const ours = (): number => {
    prover.hash(batch, hashes);
    let good = 0;
    for (let i = 0; i < SHARES; i++) if (meetsTarget(hashes, HASH_BYTES * i, TARGET)) good++;
    assert(good === expected, `${mode} found ${good} good shares, node:crypto ${expected}`);
    return SHARES;
  };
  const baseline = (): number => {
    assert(verifyByNode(batch) === expected, 'node:crypto disagrees with itself');
    return SHARES;
  };
  const rates = interleavedRates(ours, baseline, 11, 150);
  return row(`share verification, sha256d ${mode}`, 'shares/s', 'node:crypto createHash', rates);
}

function scryptRow(mode: 'simd' | 'scalar'): BenchRow {
  const algorithm: Algorithm = 'scrypt';
  const prover = createProver(algorithm, mode);
  const count = 32;
  const headers = new Random(29_255).bytes(HEADER_BYTES * count);
  const [hashes, expected] = [Buffer.alloc(HASH_BYTES * count), Buffer.alloc(HASH_BYTES * count)];
  const baseline = (): number => {
    for (let i = 0; i < count; i++) {
      const header = headers.subarray(HEADER_BYTES * i, HEADER_BYTES * (i + 1));
      expected.set(scryptSync(header, header, HASH_BYTES, { N: 1024, r: 1, p: 1 }), HASH_BYTES * i);
    }
    return count;
  };
  const ours = (): number => {
    prover.hashHeaders(headers, hashes);
    return count;
  };
  const rates = interleavedRates(ours, baseline, 7, 150);
  assert(hashes.equals(expected), `scrypt ${mode} and node:crypto disagree`);
  return row(`scrypt hash, ${mode}`, 'hashes/s', 'node:crypto scryptSync', rates);
}

/** The rows of BENCHMARKS.md about proving shares; takes about fifteen seconds. */
export async function shareVerification(): Promise<BenchRow[]> {
  return [sha256dRow('simd'), sha256dRow('scalar'), scryptRow('simd'), scryptRow('scalar')];
}

import { readFileSync } from 'node:fs';
import { RecordBatchStreamWriter, tableFromArrays, tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '@assay/kernel';
import { canonicalJobBytes, jobFromCanonicalBytes } from '@assay/mining';
import { decodeSubmitted, decodeVerified } from './decode-block.ts';
import { encodeSubmitted, encodeVerified } from './encode-block.ts';
import { blockOf, HAND_JOB, HAND_ROWS, handVerified } from './testing/sample-blocks.ts';
import { ShareBlockError } from './share-block-error.ts';

const golden = (name: string): Uint8Array => readFileSync(new URL(`../testdata/${name}`, import.meta.url));

export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ShareBlockError) return error.code;
    throw error;
  }
  return 'none';
}

describe('golden bytes', () => {
  // Layout 1, never to be written again: by our writer, and by the Arrow library's (version 21.2). When a new version of the library
  // lays its schema message out differently, this fails, and the old message joins the known ones in block-schema.ts.
  test.each(['submitted-v1.arrow', 'submitted-v1-by-arrow-js.arrow'])('%s is read', (file) => {
    expect(decodeSubmitted(golden(file))).toEqual(blockOf(HAND_ROWS));
  });

  test.each(['verified-v1.arrow', 'verified-v1-by-arrow-js.arrow'])('%s is read', (file) => {
    expect(decodeVerified(golden(file))).toEqual(handVerified());
  });

  test('what is written is what was written', () => {
    expect(Buffer.from(encodeSubmitted(blockOf(HAND_ROWS))).equals(golden('submitted-v1.arrow'))).toBe(true);
    expect(Buffer.from(encodeVerified(handVerified())).equals(golden('verified-v1.arrow'))).toBe(true);
  });
});

test('a general Arrow reader understands a block without our code', () => {
  const table = tableFromIPC(golden('verified-v1.arrow'));
  expect(table.numRows).toBe(2);
  const [first, second] = table.toArray().map((row) => row.toJSON() as Record<string, unknown>);
  expect(first).toMatchObject({
    gateway: 'gw-1',
    tenant: 'acme',
    worker: 'acme.north.r1.m1',
    job_hash: HAND_JOB.hash,
    nonce: 0xdeadbeef,
    difficulty: 65536,
    gateway_reject_reason: '',
    verdict: 'accepted',
    reject_reason: '',
    share_difficulty: 70_000.5,
    block_candidate: true,
  });
  expect(canonicalJobBytes(jobFromCanonicalBytes(first!['job'] as Uint8Array))).toEqual(canonicalJobBytes(HAND_JOB));
  expect(second).toMatchObject({
    tenant: 'zürich',
    job: null,
    job_hash: null,
    verdict: 'rejected',
    reject_reason: 'unknown_job',
    block_candidate: false,
  });
  expect(table.schema.metadata.get('assay.layout')).toBe('1');
  expect(String(table.schema.fields[0]!.type)).toBe('Timestamp<MICROSECOND, UTC>');
});

test('a block cut from a larger buffer at any place is read', () => {
  const bytes = encodeSubmitted(blockOf(HAND_ROWS));
  for (let shift = 0; shift < 9; shift++) {
    const larger = new Uint8Array(bytes.length + 16);
    larger.set(bytes, shift);
    expect(decodeSubmitted(larger.subarray(shift, shift + bytes.length))).toEqual(blockOf(HAND_ROWS));
  }
});

test('a column shorter than its block is a bug of the caller', () => {
  const block = blockOf(HAND_ROWS);
  expect(() => encodeSubmitted({ ...block, nonce: block.nonce.subarray(1) })).toThrow(AssertionError);
});

test('columns may be views of the same memory', () => {
  const block = blockOf(HAND_ROWS);
  const same = { ...block, versionMask: block.versionBits, extranonce2: block.extranonce1 };
  expect(decodeSubmitted(encodeSubmitted(same))).toEqual(same);
});

test('a block without shares is a block', () => {
  expect(decodeSubmitted(encodeSubmitted(blockOf([])))).toEqual(blockOf([]));
});

describe('what is no block is refused with a code', () => {
  const valid = (): Uint8Array => encodeSubmitted(blockOf(HAND_ROWS));

  test.each<[string, () => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(0), 'unknown_schema'],
    ['noise', () => new Uint8Array(5000).fill(0x5a), 'unknown_schema'],
    ['another table', () => writeOther(), 'unknown_schema'],
    ['a verified block', () => encodeVerified(handVerified()), 'unknown_schema'],
    ['a cut end', () => valid().subarray(0, -8), 'malformed'],
    ['a junk tail', () => Uint8Array.from([...valid(), ...new Uint8Array(8)]), 'malformed'],
    ['two blocks', () => Uint8Array.from([...valid(), ...valid()]), 'malformed'],
  ])('%s', (_name, bytes, code) => expect(codeOf(() => decodeSubmitted(bytes()))).toBe(code));

  test('cut anywhere', () => {
    const bytes = valid();
    for (let length = 0; length < bytes.length; length += 4)
      expect(codeOf(() => decodeSubmitted(bytes.subarray(0, length)))).not.toBe('none');
  });

  test.each<[string, (block: ReturnType<typeof handVerified>) => void, string]>([
    ['a tenant code without entry', (b) => b.tenant.codes.fill(7), 'bad_value'],
    ['a worker code without entry', (b) => b.worker.codes.fill(0xffffffff), 'bad_value'],
    ['a job code without entry', (b) => b.job.fill(1), 'bad_value'],
    ['an unknown reason', (b) => b.rejectCode.fill(200), 'bad_value'],
    ['offsets out of order', (b) => b.extranonce1.offsets.set([0, 8, 4]), 'bad_value'],
    [
      'an extranonce too long',
      (b) => Object.assign(b, { extranonce2: { offsets: Int32Array.of(0, 17, 17), bytes: new Uint8Array(17) } }),
      'bad_value',
    ],
    ['a difficulty that is none', (b) => b.difficulty.fill(NaN), 'bad_value'],
    ['a negative difficulty', (b) => b.difficulty.fill(-1), 'bad_value'],
    ['an endless achieved difficulty', (b) => b.shareDifficulty.fill(Infinity), 'bad_value'],
    ['a time before 1970', (b) => b.submittedAtUs.fill(-5), 'bad_value'],
    [
      'a job that is not what its hash says',
      (b) => Object.assign(b, { jobs: [{ ...b.jobs[0], hash: 'ab'.repeat(32) }] }),
      'bad_job',
    ],
    ['a name too long', (b) => Object.assign(b, { gateway: 'g'.repeat(513) }), 'bad_value'],
  ])('%s', (_name, spoil, code) => {
    const block = handVerified();
    spoil(block);
    expect(codeOf(() => decodeVerified(encodeVerified(block)))).toBe(code);
  });
});

function writeOther(): Uint8Array {
  return RecordBatchStreamWriter.writeAll(tableFromArrays({ a: [1, 2, 3] })).toUint8Array(true);
}

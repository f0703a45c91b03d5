// The shape of a batch is the caller's own doing, so a wrong one is a bug and asserted, before anything is hashed.
import { assert, AssertionError } from '@assay/kernel';
import { HASH_BYTES, HEADER_BYTES, type ProofBatch } from './prover.ts';

/** Asserts that every array is long enough, every job index valid and the extranonces lie within their bytes. */
export function checkBatch(batch: ProofBatch, out: Uint8Array): void {
  const { count, job, jobs, extranonce, version, ntime, nonce } = batch;
  const shortest = Math.min(job.length, version.length, ntime.length, nonce.length, extranonce.offsets.length - 1);
  assert(count >= 0 && count <= shortest, `a batch of ${count} shares has an array for only ${shortest}`);
  assert(out.length >= count * HASH_BYTES, `${count} hashes do not fit ${out.length} bytes`);
  let end = extranonce.offsets[0] ?? 0;
  assert(end >= 0, 'the first extranonce begins before its bytes');
  for (let i = 0; i < count; i++) {
    const index = job[i]!;
    if (index < 0 || index >= jobs.length)
      throw new AssertionError(`share ${i} refers to job ${index} of ${jobs.length}`);
    const next = extranonce.offsets[i + 1]!;
    if (next < end) throw new AssertionError(`the extranonce of share ${i} ends before it begins`);
    end = next;
  }
  assert(end <= extranonce.bytes.length, `the extranonces end at ${end} of ${extranonce.bytes.length} bytes`);
}

/** Asserts that the headers are whole and their hashes fit; returns how many there are. */
export function checkHeaders(headers: Uint8Array, out: Uint8Array): number {
  const count = headers.length / HEADER_BYTES;
  assert(Number.isInteger(count), `${headers.length} bytes are not a whole number of 80-byte headers`);
  assert(out.length >= count * HASH_BYTES, `${count} hashes do not fit ${out.length} bytes`);
  return count;
}

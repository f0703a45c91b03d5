import { describe, expect, it } from 'vitest';
import { sealJob } from '@assay/mining';
import { JobBook, JobSequence, PublishedJob } from './job-book.ts';
import { FREE_TERMS } from './sourced-job.ts';

const job = sealJob({
  algorithm: 'sha256d',
  prevHash: Uint8Array.from({ length: 32 }, (_, i) => i),
  coinbase1: Uint8Array.of(0x01, 0x02),
  coinbase2: Uint8Array.of(0xfe),
  merkleBranches: new Uint8Array(64).fill(0xaa, 0, 32).fill(0xbb, 32),
  version: 0x20000000,
  nbits: 0x17021a91,
  ntime: 0x65a1b2c3,
});

describe('a job on the wire', () => {
  it('has the previous hash in swapped words and everything else in order', () => {
    const line = Buffer.from(new PublishedJob(job, 0x123, true, FREE_TERMS, 0).line).toString();
    expect(line).toBe(
      '{"id":null,"method":"mining.notify","params":["00012300",' +
        '"03020100070605040b0a09080f0e0d0c13121110171615141b1a19181f1e1d1c","0102","fe",' +
        `["${'aa'.repeat(32)}","${'bb'.repeat(32)}"],"20000000","17021a91","65a1b2c3",true]}\n`,
    );
  });
});

describe('JobBook', () => {
  it('keeps the newest jobs, and makes earlier ones stale when told', () => {
    const book = new JobBook(new JobSequence(10), 3);
    expect(book.current).toBeUndefined();
    const [a, b] = [book.add(job, true), book.add(job, false)];
    expect([a.sequence, b.sequence]).toEqual([10, 11]);
    expect([a.stale, b.stale]).toEqual([false, false]);
    const c = book.add(job, true);
    expect([a.stale, b.stale, c.stale]).toEqual([true, true, false]);
    book.add(job, false);
    expect(book.find(10)).toBeUndefined();
    expect(book.find(11)).toBe(b);
    expect(book.oldestSequence).toBe(11);
    expect(book.current!.sequence).toBe(13);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { difficultyFromHash, REJECT_CODE, REJECT_REASONS, sealJob, type RejectReason } from '@assay/mining';
import {
  decodeSubmitted,
  encodeSubmitted,
  ShareColumnsBuilder,
  type ShareRow,
  type SubmittedBlock,
  type VerifiedBlock,
} from '@assay/share-block';
import { DuplicateWindow } from './duplicate-window.ts';
import { Judge } from './judge.ts';
import { EASY, easyJob, hashOfRow, mine } from './testing/mine-shares.ts';

const JOB = easyJob(1);
const GOOD = mine(JOB);

function blockOf(rows: readonly ShareRow[]): SubmittedBlock {
  const builder = new ShareColumnsBuilder('gw-1', { capacity: rows.length, maxJobBytes: 1e9 });
  for (const row of rows) builder.append(row);
  return decodeSubmitted(encodeSubmitted(builder.build()));
}

describe('judge', () => {
  let window: DuplicateWindow;
  const judge = new Judge(7000);
  const verdicts = (block: VerifiedBlock): RejectReason[] =>
    Array.from(block.verifiedRejectCode, (code) => REJECT_REASONS[code]!);
  const judged = async (rows: readonly ShareRow[], offset = 0): Promise<VerifiedBlock> =>
    judge.judge(blockOf(rows), offset, window);
  const one = async (row: ShareRow): Promise<RejectReason> => verdicts(await judged([row]))[0]!;

  beforeEach(() => {
    window = new DuplicateWindow(1000, 100);
  });

  test('a good share is accepted, with the hash the reference finds and the difficulty it achieved', async () => {
    const block = await judged([GOOD]);
    expect(verdicts(block)).toEqual(['']);
    expect(block.hashes).toEqual(hashOfRow(GOOD));
    expect(block.shareDifficulty[0]).toBe(difficultyFromHash(hashOfRow(GOOD), 0, 'sha256d'));
    expect(block.shareDifficulty[0]).toBeGreaterThanOrEqual(EASY.sha256d);
    expect(block.blockCandidate[0]).toBe(0);
  });

  test.each<[string, () => ShareRow, RejectReason]>([
    ['a hash above the target', () => mine(JOB, {}, false), 'low_difficulty'],
    [
      'another worker’s extranonce1',
      () => ({ ...GOOD, extranonce1: Uint8Array.of(9, 9, 9, 9), difficulty: 1 }),
      'low_difficulty',
    ],
    ['a harder difficulty than its hash achieved', () => ({ ...GOOD, difficulty: 1 }), 'low_difficulty'],
    ['an ntime before its job’s', () => mine(JOB, { ntime: JOB.ntime - 1 }), 'ntime_out_of_range'],
    ['an ntime too far ahead', () => mine(JOB, { ntime: JOB.ntime + 7001 }), 'ntime_out_of_range'],
    ['version bits it was not granted', () => mine(JOB, { versionBits: 1 }), 'version_bits'],
    ['no job', () => ({ ...GOOD, job: undefined }), 'unproven'],
    ['a difficulty nobody assigns', () => ({ ...GOOD, difficulty: EASY.sha256d / 3 }), 'unproven'],
    ['a difficulty of nothing', () => ({ ...GOOD, difficulty: 0 }), 'unproven'],
  ])('what the gateway accepted with %s is rejected', async (_name, row, reason) =>
    expect(await one(row())).toBe(reason),
  );

  test('rolled version bits that were granted count in the hash', async () => {
    expect(await one(mine(JOB, { versionBits: 0x00002000, versionMask: 0x1fffe000 }))).toBe('');
  });

  test.each<RejectReason>([
    'malformed',
    'not_subscribed',
    'unauthorized',
    'unknown_job',
    'stale',
    'duplicate',
    'rate_limited',
  ])('what the gateway alone can know stays: %s', async (reason) => {
    const block = await judged([{ ...GOOD, rejectCode: REJECT_CODE[reason] }]);
    expect(verdicts(block)).toEqual([reason]);
    // It is hashed all the same, unless it never was a whole share; and it stands in no other share's way.
    expect(block.shareDifficulty[0]! > 0).toBe(reason !== 'malformed');
    expect(await one(GOOD)).toBe('');
  });

  test('a share without a job keeps the gateway’s reason, and has no hash', async () => {
    const block = await judged([{ ...GOOD, job: undefined, rejectCode: REJECT_CODE.unknown_job }]);
    expect(verdicts(block)).toEqual(['unknown_job']);
    expect(block.hashes).toEqual(new Uint8Array(32));
    expect(block.shareDifficulty[0]).toBe(0);
  });

  test('what the gateway rejected wrongly is accepted, rightly stays rejected', async () => {
    const code = REJECT_CODE.low_difficulty;
    expect(
      verdicts(
        await judged([
          { ...GOOD, rejectCode: code },
          { ...mine(JOB, {}, false), rejectCode: code },
        ]),
      ),
    ).toEqual(['', 'low_difficulty']);
  });

  test('the same share twice is a duplicate: in one block, in another, however its extranonces are split', async () => {
    const other = mine(JOB, { nonce: GOOD.nonce + 1 });
    const split = {
      ...GOOD,
      extranonce1: Uint8Array.of(1, 2),
      extranonce2: Uint8Array.of(3, 4, 0, 0, 0, 0, 0, 0, 0, 1),
    };
    expect(verdicts(await judged([GOOD, other, GOOD], 5))).toEqual(['', '', 'duplicate']);
    expect(verdicts(await judged([split], 6))).toEqual(['duplicate']);
    expect(verdicts(await judged([other], 105))).toEqual(['duplicate']);
    expect(verdicts(await judged([other], 206))).toEqual(['']);
  });

  test('a hash that meets the network target is a block candidate, whatever else is said of the share', async () => {
    const regtest = easyJob(2, 'sha256d', 0x207fffff);
    const rows = [mine(regtest), { ...mine(regtest, { nonce: 5000 }), rejectCode: REJECT_CODE.stale }];
    expect(Array.from((await judged(rows)).blockCandidate)).toEqual([1, 1]);
    const impossible = sealJob({ ...regtest, nbits: 0 });
    expect(Array.from((await judged([mine(impossible)])).blockCandidate)).toEqual([0]);
  });

  test('a block may mix algorithms, each by its own convention', async () => {
    const scrypt = mine(easyJob(3, 'scrypt'));
    const block = await judged([GOOD, scrypt, mine(easyJob(3, 'scrypt'), { nonce: scrypt.nonce + 1 }, false), GOOD]);
    expect(verdicts(block)).toEqual(['', '', 'low_difficulty', 'duplicate']);
    expect(block.hashes.subarray(32, 64)).toEqual(hashOfRow(scrypt));
    expect(block.shareDifficulty[1]).toBe(difficultyFromHash(hashOfRow(scrypt), 0, 'scrypt'));
  });

  test('more shares than fit one slice are all judged', async () => {
    const rows = Array.from({ length: 5000 }, (_, nonce) => ({
      ...GOOD,
      nonce,
      extranonce2: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2),
    }));
    const block = await judged(rows);
    const good = rows.filter((_, i) => block.verifiedRejectCode[i] === 0).length;
    expect(good).toBeGreaterThan(40);
    expect(good).toBeLessThan(130);
    for (const i of [0, 2047, 2048, 4999])
      expect(block.hashes.subarray(32 * i, 32 * i + 32)).toEqual(hashOfRow(rows[i]!));
  });
});

// The dead-letter tool on the pool's own log, while the pool runs: records that an older version could not read are put back, and
// every share of theirs is counted once.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { AGGREGATOR_GROUP } from '@assay/aggregator';
import { deadLetter, TOPIC, type EventLog, type PartitionSession, type StoredRecord } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { startValidator, VALIDATOR_GROUP, validatorSettings } from '@assay/validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOCK_SHARES, SubmittedBlocks } from './bench/submitted-blocks.ts';
import { PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const TOOL = fileURLToPath(new URL('../../services/dead-letters/dist/main.js', import.meta.url));
const ALL = { maxRecords: 1_000, maxBytes: 2 ** 30, waitMs: 0 };

let pool: PoolProcess;
let blocks: SubmittedBlocks;

beforeAll(async () => {
  pool = await PoolProcess.launch();
  blocks = new SubmittedBlocks({ fromUs: systemClock.nowUs() - 60_000_000 });
});
afterAll(() => pool.dispose());

async function tool(...args: string[]): Promise<{ status: number; lines: string[] }> {
  const env = { PATH: process.env['PATH'], ASSAY_DATA_DIR: pool.dataDir };
  const { stdout, status } = await promisify(execFile)(process.execPath, [TOOL, ...args], { env }).then(
    (done) => ({ ...done, status: 0 }),
    (failed: { stdout: string; stderr: string; code: number }) => ({
      stdout: failed.stdout + failed.stderr,
      status: failed.code,
    }),
  );
  return { status, lines: stdout.trim().split('\n') };
}

async function withLog<T>(act: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await openLmdbEventLog({ dir: join(pool.dataDir, 'log'), clock: systemClock });
  try {
    return await act(log);
  } finally {
    await log.close();
  }
}

/** What ClickHouse holds, by verdict, and what the rollups sum up. */
const counted = async (): Promise<Record<string, number>> => {
  const [row] = await pool.sql<Record<string, number>>(
    `SELECT toUInt32(countIf(verdict = 'accepted')) AS accepted, toUInt32(countIf(reject_reason = 'duplicate')) AS duplicate,
       toUInt32((SELECT sum(accepted) FROM assay.rollup_1m)) AS rolled FROM assay.shares`,
  );
  return row!;
};
const untilCounted = (accepted: number, duplicate = 0): Promise<unknown> =>
  waitFor(`${accepted} accepted and ${duplicate} duplicate shares`, 60_000, async () => {
    const row = await counted();
    return row['accepted'] === accepted && row['duplicate'] === duplicate && row['rolled'] === accepted;
  });

/** What an older aggregator did that could not read a record: it went past it, the mark of its source too. */
async function passedOver(log: EventLog, { offset }: StoredRecord, source: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const pass = async (session: PartitionSession): Promise<void> => {
      const { metadata } = (await session.committed())!;
      const note = { ...(JSON.parse(metadata) as object), sources: { 0: source } };
      await session.commit({ offset: offset + 1, metadata: JSON.stringify(note) });
      void member.then((joined) => joined.close()).then(resolve, reject);
      await new Promise<void>((ended) => session.signal.addEventListener('abort', () => ended()));
    };
    const member = log.join(AGGREGATOR_GROUP, [TOPIC.sharesVerified], pass, reject);
  });
}

it('puts back what an older version could not read, and each share is counted once', async () => {
  await withLog((log) => log.append(TOPIC.sharesSubmitted, [{ value: blocks.next() }], 0));
  await untilCounted(BLOCK_SHARES);
  expect(await pool.stop()).toBe(0);

  // A block that no validator and a verified block that no aggregator could read, as older versions leave them.
  await withLog(async (log) => {
    const { baseOffset } = await log.append(TOPIC.sharesSubmitted, [{ value: blocks.next() }], 0);
    const validator = await startValidator(parseSettings(validatorSettings, {}), {
      log,
      logger: silentLogger,
      registry: new Registry(),
      clock: systemClock,
    });
    await waitFor('the proof', 20_000, async () => (await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)) === 0);
    await validator.stop();
    const verified = (await log.readFrom(TOPIC.sharesVerified, 0, 0, ALL)).at(-1)!;
    expect(verified.headers).toEqual({ source: `0:${baseOffset}` });
    await passedOver(log, verified, baseOffset);
    const submitted = { offset: 70, timestampUs: 0, value: blocks.next() };
    await log.append(TOPIC.sharesDead, [
      deadLetter(TOPIC.sharesVerified, 0, verified, 'unknown_schema', 'it is newer than this version'),
    ]);
    await log.append(TOPIC.sharesDead, [
      deadLetter(TOPIC.sharesSubmitted, 0, submitted, 'unknown_schema', 'it is newer than this version'),
    ]);
  });
  await pool.start();
  await untilCounted(BLOCK_SHARES);

  const { lines: listed } = await tool('list');
  expect(listed).toEqual([
    expect.stringMatching(/^shares\.verified:0:1 .* unknown_schema .* dead .* it is newer than this version$/),
    expect.stringMatching(/^shares\.submitted:0:70 /),
  ]);
  const { lines: shown } = await tool('show', 'shares.verified:0:1', '--rows', '3');
  expect(shown).toContainEqual(`this version can read it: ${BLOCK_SHARES} shares of gateway gateway-1, 1 jobs`);
  expect(shown.filter((line) => / validator=accepted hash=[0-9a-f]{64}$/.test(line))).toHaveLength(3);

  expect(await tool('replay', '--reason', 'unknown_schema')).toMatchObject({ status: 0 });
  await untilCounted(3 * BLOCK_SHARES);
  const again = await tool('replay', '--reason', 'unknown_schema');
  expect([again.status, again.lines.length]).toEqual([1, 2]);
  for (const line of again.lines) expect(line).toContain('already');

  // Asked for once more, a submitted block is known to the validator.
  await tool('replay', 'shares.submitted:0:70', '--again');
  await untilCounted(3 * BLOCK_SHARES, BLOCK_SHARES);
});

it('explains itself, and what it cannot do', async () => {
  expect((await tool('--help')).lines.join('\n')).toContain('replay ORIGIN');
  expect(await tool('replay')).toMatchObject({ status: 2 });
  const nowhere = await promisify(execFile)(process.execPath, [TOOL, 'list'], {
    env: { PATH: process.env['PATH'], ASSAY_DATA_DIR: join(pool.dataDir, 'absent') },
  }).catch((failed: { code: number; stderr: string }) => failed);
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no log in') as string });
});

// A disk that spoils a record of the log: what is before it is still judged and counted, its partition stops there with a clear message and
// without a hot loop, and goes on once a person has decided to skip it; nothing is lost but what was spoilt.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { MemoryLiveState } from '@assay/adapter-memory';
import { aggregatorSettings, startAggregator } from '@assay/aggregator';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger, type RunningService } from '@assay/platform';
import { parseSourceHeader } from '@assay/share-block';
import { startValidator, validatorSettings } from '@assay/validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOCK_SHARES, SubmittedBlocks } from './bench/submitted-blocks.ts';
import { waitFor } from './harness/wait-for.ts';

const TOOL = fileURLToPath(new URL('../../services/dead-letters/dist/main.js', import.meta.url));
const ALL = { maxRecords: 1_000, maxBytes: 2 ** 30, waitMs: 0 };
const DAYS = {
  shares_ttl_days: 20_000,
  rollup_1m_ttl_days: 20_000,
  rollup_1h_ttl_days: 20_000,
  rollup_1d_ttl_days: 20_000,
  events_ttl_days: 20_000,
};

const dataDir = mkdtempSync(join(tmpdir(), 'assay-corrupt-'));
const logDir = join(dataDir, 'log');
let clickHouse: EmbeddedClickHouse;
let store: AnalyticsStore;

beforeAll(async () => {
  clickHouse = await startEmbeddedClickHouse({ dataDir: join(dataDir, 'clickhouse'), port: 0 });
  store = createClickHouseStore(clickHouse);
  await migrate(store, await loadMigrations(), DAYS);
});
afterAll(async () => {
  await store.close();
  await clickHouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function withLog<T>(act: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await openLmdbEventLog({ dir: logDir, clock: systemClock });
  try {
    return await act(log);
  } finally {
    await log.close();
  }
}

/** Flips a bit of a value on the disk of the closed log, in a part of it that no other record has. */
function spoil(value: Uint8Array): void {
  const file = join(logDir, 'data.mdb');
  const bytes = readFileSync(file);
  for (let from = 0; from + 64 <= value.length; from += 64) {
    const part = Buffer.from(value.subarray(from, from + 64));
    const at = bytes.indexOf(part);
    if (at === -1 || bytes.indexOf(part, at + 1) !== -1) continue;
    bytes[at + 10]! ^= 0x10;
    writeFileSync(file, bytes);
    return;
  }
  throw new Error('no part of the value is found once');
}

async function tool(...args: string[]): Promise<{ status: number; output: string }> {
  const env = { PATH: process.env['PATH'], ASSAY_DATA_DIR: dataDir };
  return promisify(execFile)(process.execPath, [TOOL, ...args], { env }).then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    (failed: { stdout: string; stderr: string; code: number }) => ({
      status: failed.code,
      output: failed.stdout + failed.stderr,
    }),
  );
}

const validating = (log: EventLog, registry: Registry): Promise<RunningService> =>
  startValidator(parseSettings(validatorSettings, {}), { log, logger: silentLogger, registry, clock: systemClock });
const aggregating = (log: EventLog, registry: Registry): Promise<RunningService> =>
  startAggregator(parseSettings(aggregatorSettings, {}), {
    log,
    store,
    live: new MemoryLiveState({ clock: systemClock }),
    logger: silentLogger,
    registry,
    clock: systemClock,
  });

/** Runs a service until it stands, and checks that it says why and does not run hot. */
async function untilItStands(
  start: (log: EventLog, registry: Registry) => Promise<RunningService>,
  check: string,
  what: RegExp,
  standing: () => Promise<boolean>,
): Promise<void> {
  await withLog(async (log) => {
    const registry = new Registry();
    const startedMs = performance.now();
    const service = await start(log, registry);
    await waitFor('the service to stand', 30_000, async () => what.test((await service.ready()).checks[check]!));
    await waitFor('what is before', 30_000, standing);
    const page = await registry.metrics();
    expect(page).toMatch(/assay_(validator|aggregator)_failing_partitions 1/);
    const failures = Number(/_partition_failures_total (\d+)/.exec(page)![1]);
    // Pauses are at least half a second.
    expect(failures).toBeLessThanOrEqual(1 + (performance.now() - startedMs) / 500);
    await service.stop();
  });
}

const accepted = async (): Promise<number> => {
  const [row] = await store.query<{ n: number }>(
    `SELECT toUInt32(countIf(verdict = 'accepted')) AS n FROM assay.shares`,
  );
  return row!.n;
};
const sources = (): Promise<(number | undefined)[]> =>
  withLog(async (log) =>
    (await log.readFrom(TOPIC.sharesVerified, 0, 0, ALL)).map(({ headers }) => parseSourceHeader(headers)?.offset),
  );

it('stops the partition at a spoilt record, and goes on when it is skipped', async () => {
  const blocks = new SubmittedBlocks({ fromUs: systemClock.nowUs() - 60_000_000 });
  const values = [blocks.next(), blocks.next(), blocks.next(), blocks.next()];
  await withLog(async (log) => {
    await log.ensureTopics(topicSpecs(1));
    for (const value of values) await log.append(TOPIC.sharesSubmitted, [{ value }], 0);
  });
  spoil(values[1]!);

  const checksum = /shares\.submitted\/0.*do not match their checksum/;
  await untilItStands(validating, 'shares', checksum, async () => true);
  expect(await sources()).toEqual([0]);

  expect(await tool('skip', 'shares.submitted:0:0')).toMatchObject({
    status: 1,
    output: expect.stringContaining('it can be read') as string,
  });
  expect((await tool('skip', 'shares.submitted:0:1', '--dry-run')).output).toContain('would be taken past 1 records');
  expect(await tool('skip', 'shares.submitted:0:1')).toEqual({
    status: 0,
    output: 'group validator was taken past 1 records, from offset 1 to 2\n',
  });
  expect(await tool('skip', 'shares.submitted:0:1')).toMatchObject({
    status: 1,
    output: expect.stringContaining('group validator goes on at offset 2, not there') as string,
  });
  expect((await tool('list')).output).toMatch(
    /^shares\.submitted:0:1 .* corrupt .* offsets 1 to 1 were skipped for group validator: .*checksum/,
  );
  expect((await tool('replay', '--reason', 'corrupt')).output).toContain('it holds no record that could be put back');

  // The rest is judged, and the aggregator finds a spoilt record of its own, which the validator does not mind.
  const verified = await withLog(async (log) => {
    const validator = await validating(log, new Registry());
    await waitFor('the rest', 30_000, async () => (await log.bounds(TOPIC.sharesVerified, 0)).end === 3);
    await validator.stop();
    return log.readFrom(TOPIC.sharesVerified, 0, 0, ALL);
  });
  spoil(verified[1]!.value);
  const spoilt = /shares\.verified\/0.*do not match their checksum/;
  await untilItStands(aggregating, 'partitions', spoilt, async () => (await accepted()) === BLOCK_SHARES);
  // The validator had appended the two together: on the disk they are one.
  expect((await tool('skip', 'shares.verified:0:1')).output).toBe(
    'group aggregator was taken past 2 records, from offset 1 to 3\n',
  );
  await withLog(async (log) => {
    const services = [await aggregating(log, new Registry()), await validating(log, new Registry())];
    await log.append(TOPIC.sharesSubmitted, [{ value: values[0]! }, { value: blocks.next() }], 0);
    await waitFor('the rest', 30_000, async () => (await accepted()) === 2 * BLOCK_SHARES);
    for (const service of services) await service.stop();
  });
  const [row] = await store.query(
    `SELECT toUInt32(count()) AS shares, toUInt32(countIf(reject_reason = 'duplicate')) AS duplicates,
       toUInt32((SELECT sum(accepted) FROM assay.rollup_1m)) AS rolled FROM assay.shares`,
  );
  expect(row).toEqual({ shares: 3 * BLOCK_SHARES, duplicates: BLOCK_SHARES, rolled: 2 * BLOCK_SHARES });
});

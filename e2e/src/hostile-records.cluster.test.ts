// What strangers write to the share topics of a real Kafka, with a client of their own (kcat): records without a value, with headers nobody
// asked for, broken, of another version, lies. Each is set aside; every good block between them is counted once. Then the
// dead-letter tool, a process of its own, puts one back.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog, type KafkaEventLog } from '@assay/adapter-kafka';
import { MemoryLiveState } from '@assay/adapter-memory';
import { AGGREGATOR_GROUP, aggregatorSettings, startAggregator } from '@assay/aggregator';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { deadLetter, openLetter, TOPIC, topicSpecs, type OpenedLetter } from '@assay/event-log';
import { requirePrograms } from '@assay/infra';
import { Random, systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger, type RunningService } from '@assay/platform';
import { hostileRecords } from '@assay/sim';
import { startValidator, VALIDATOR_GROUP, validatorSettings } from '@assay/validator';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { BLOCK_SHARES, SubmittedBlocks } from './bench/submitted-blocks.ts';
import { waitFor } from './harness/wait-for.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
  }
}

const TOOL = fileURLToPath(new URL('../../services/dead-letters/dist/main.js', import.meta.url));
const ALL = { maxRecords: 10_000, maxBytes: 2 ** 28, waitMs: 0 };
const DAYS = {
  shares_ttl_days: 20_000,
  rollup_1m_ttl_days: 20_000,
  rollup_1h_ttl_days: 20_000,
  rollup_1d_ttl_days: 20_000,
  events_ttl_days: 20_000,
};

const dir = mkdtempSync(join(tmpdir(), 'assay-hostile-'));
let clickHouse: EmbeddedClickHouse;
let store: AnalyticsStore;
let log: KafkaEventLog;
const services: RunningService[] = [];

beforeAll(async () => {
  requirePrograms('kcat');
  clickHouse = await startEmbeddedClickHouse({ dataDir: join(dir, 'clickhouse'), port: 0 });
  store = createClickHouseStore(clickHouse);
  await migrate(store, await loadMigrations(), DAYS);
  log = await openKafkaEventLog({ brokers: inject('kafka'), clientId: 'hostile', clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await log.close();
  await store.close();
  await clickHouse.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Sends one record as kcat does. */
async function kcat(topic: string, value: Uint8Array | null, headers: readonly string[] = []): Promise<void> {
  const file = join(dir, 'value');
  writeFileSync(file, value ?? '');
  const large = ['-X', 'message.max.bytes=4000000'];
  const args = [
    '-P',
    '-b',
    inject('kafka').join(','),
    '-t',
    topic,
    '-p',
    '0',
    ...large,
    ...headers.flatMap((h) => ['-H', h]),
  ];
  // A line with a key and nothing else becomes a record whose value is null; a file becomes a record as it stands.
  const child = spawn('kcat', value === null ? [...args, '-Z', '-K', ':'] : [...args, file]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.end(value === null ? 'gone:\n' : '');
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, errors]).toEqual([0, '']);
}

async function tool(...args: string[]): Promise<{ status: number; output: string }> {
  const env = { PATH: process.env['PATH'], ASSAY_KAFKA_BROKERS: inject('kafka').join(',') };
  return promisify(execFile)(process.execPath, [TOOL, ...args], { env }).then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    (failed: { stdout: string; stderr: string; code: number }) => ({
      status: failed.code,
      output: failed.stdout + failed.stderr,
    }),
  );
}

const counted = async (): Promise<number> => {
  const [row] = await store.query<{ n: number; rolled: number }>(
    `SELECT toUInt32(count()) AS n, toUInt32((SELECT sum(accepted) FROM assay.rollup_1m)) AS rolled FROM assay.shares WHERE verdict = 'accepted'`,
  );
  expect(row!.rolled).toBeLessThanOrEqual(row!.n);
  return row!.n === row!.rolled ? row!.n : -1;
};
const caughtUp = (): Promise<unknown> =>
  waitFor('all to be consumed', 60_000, async () => {
    const lags = [
      await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted),
      await log.lag(AGGREGATOR_GROUP, TOPIC.sharesVerified),
    ];
    return lags.every((lag) => lag === 0);
  });
const letters = async (): Promise<OpenedLetter[]> =>
  (await log.readFrom(TOPIC.sharesDead, 0, 0, ALL)).flatMap((record) => openLetter(record) ?? []);

it('sets aside what strangers write, counts what is good, and puts a letter back once', async () => {
  const parts = { log, logger: silentLogger, clock: systemClock };
  const registry = new Registry();
  services.push(
    await startValidator(parseSettings(validatorSettings, {}), { ...parts, registry }),
    await startAggregator(parseSettings(aggregatorSettings, {}), {
      ...parts,
      registry,
      store,
      live: new MemoryLiveState({ clock: systemClock }),
    }),
  );

  const blocks = new SubmittedBlocks({ fromUs: systemClock.nowUs() - 60_000_000 });
  const good = blocks.next();
  await log.append(TOPIC.sharesSubmitted, [{ value: good }], 0);
  const hostile = hostileRecords(good, new Random(9)).filter(({ record }) => record.value.length > 0);
  const headers = ['source=0:9007199254740991', 'origin=x', 'novalue', 'twice=1', 'twice=2'];
  for (const { record } of hostile) await kcat(TOPIC.sharesSubmitted, record.value, headers);
  await kcat(TOPIC.sharesSubmitted, null);
  await kcat(TOPIC.sharesVerified, null);
  await kcat(TOPIC.sharesVerified, good, ['source=0:9007199254740991']);
  await kcat(TOPIC.sharesVerified, good, ['traceparent=00-zz']);
  await log.append(TOPIC.sharesSubmitted, [{ value: blocks.next() }], 0);
  await caughtUp();

  expect(await counted()).toBe(2 * BLOCK_SHARES);
  const dead = await letters();
  const of = (topic: string): string[] =>
    dead.filter(({ origin }) => origin.topic === topic).map(({ reason }) => reason);
  expect(of(TOPIC.sharesSubmitted)).toEqual([...hostile.map(({ reason }) => reason), 'unknown_schema']);
  // No source, one that nobody has submitted, none.
  expect(of(TOPIC.sharesVerified)).toEqual(['no_source', 'bad_source', 'no_source']);
  for (const [i, { record }] of hostile.entries()) {
    const kept = dead.filter(({ origin }) => origin.topic === TOPIC.sharesSubmitted)[i]!;
    expect(Buffer.from(kept.record.value).equals(record.value.subarray(0, 2 ** 20))).toBe(true);
    expect(kept.record.headers).toMatchObject({ source: '0:9007199254740991', novalue: '' });
  }
  const page = await registry.metrics();
  expect(page).toContain('assay_validator_partition_failures_total 0');
  expect(page).toContain('assay_aggregator_partition_failures_total 0');
  for (const service of services) expect((await service.ready()).ready).toBe(true);

  // A block that an older version could not read.
  const late = { offset: 999_999, timestampUs: 0, value: blocks.next() };
  await log.append(TOPIC.sharesDead, [deadLetter(TOPIC.sharesSubmitted, 0, late, 'unknown_schema', 'too new')]);
  expect((await tool('list', '--reason', 'bad_tenant')).output).toMatch(/^shares\.submitted:0:\d+ .* bad_tenant /);
  expect((await tool('show', 'shares.submitted:0:999999', '--rows', '1')).output).toContain(
    `this version can read it: ${BLOCK_SHARES} shares`,
  );
  expect(await tool('replay', 'shares.submitted:0:999999')).toMatchObject({ status: 0 });
  await caughtUp();
  expect(await counted()).toBe(3 * BLOCK_SHARES);
  expect(await tool('replay', 'shares.submitted:0:999999')).toMatchObject({
    status: 1,
    output: expect.stringContaining('already') as string,
  });
  // What still cannot be read is set aside again, once.
  const before = (await letters()).length;
  const { output } = await tool('replay', '--reason', 'malformed');
  const replayed = output.match(/put back as/g)!.length;
  await caughtUp();
  expect((await letters()).length).toBe(before + replayed);
  expect(await counted()).toBe(3 * BLOCK_SHARES);
});

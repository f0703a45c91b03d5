// What a log on Kafka does when brokers die, freeze, or have bytes on disk that are not what was written. The brokers are this file's own.
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaEventLog, type KafkaEventLog, type KafkaLogLimits } from '@assay/adapter-kafka';
import { LogError, type PartitionSession } from '@assay/event-log';
import { freePorts, startKafka, type Kafka } from '@assay/infra';
import { systemClock } from '@assay/kernel';
import { waitFor } from '../harness/wait-for.ts';

const ALL = { maxRecords: 1_000_000, maxBytes: 2 ** 30, waitMs: 0 };
const FOREVER = { retentionBytes: 2 ** 30, retentionUs: 1e15 };
const TIMEOUT_MS = 180_000;

let dir: string;
let kafka: Kafka;
const logs: KafkaEventLog[] = [];

async function openLog(limits: Partial<KafkaLogLimits> = {}, brokers = kafka.bootstrap): Promise<KafkaEventLog> {
  const log = await openKafkaEventLog({
    brokers,
    clientId: 'faults',
    clock: systemClock,
    limits: { heartbeatMs: 200, restartPauseMs: 50, ...limits },
  });
  logs.push(log);
  return log;
}

beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'assay-faults-'))));
afterEach(async () => void (await Promise.all(logs.splice(0).map((log) => log.close()))));
afterAll(() => rm(dir, { recursive: true, force: true }));

const numberIn = (value: Uint8Array): number => Number(Buffer.from(value).toString().split(' ')[0]);

/** Appends numbered records to all partitions until told to stop, each again until it is acknowledged, as a gateway with a spool does. */
class Appender {
  readonly acknowledged: { readonly number: number; readonly partition: number; readonly offset: number }[] = [];
  readonly unknown = new Set<number>();
  slowestMs = 0;
  #stopping = false;
  #next = 0;
  readonly #lanes: Promise<void>[];

  constructor(log: KafkaEventLog, topic: string, partitions: number) {
    this.#lanes = Array.from({ length: partitions }, (_, partition) => this.#run(log, topic, partition));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
  }

  async #run(log: KafkaEventLog, topic: string, partition: number): Promise<void> {
    while (!this.#stopping) {
      const number = this.#next++;
      const value = Buffer.from(`${number} ${'x'.repeat(2000)}`);
      const startedMs = performance.now();
      for (let done = false; !done;) {
        try {
          const { baseOffset } = await log.append(topic, [{ value }], partition);
          this.acknowledged.push({ number, partition, offset: baseOffset });
          done = true;
        } catch (error) {
          if (!(error instanceof LogError) || !error.retriable) throw error;
          this.unknown.add(number);
        }
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedMs);
    }
  }
}

/** Every acknowledged record is where it was said to be, and only one of unknown outcome may be there twice. */
async function expectExact(log: KafkaEventLog, topic: string, partitions: number, appender: Appender): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const { end } = await log.bounds(topic, partition);
    const stored: number[] = [];
    while (stored.length < end) {
      const records = await log.readFrom(topic, partition, stored.length, { ...ALL, waitMs: 5_000 });
      stored.push(...records.map((record) => numberIn(record.value)));
    }
    const acknowledged = appender.acknowledged.filter((each) => each.partition === partition);
    for (const { number, offset } of acknowledged) expect(stored[offset]).toBe(number);
    const twice = stored.filter((number, i) => stored.indexOf(number) !== i);
    expect(twice.filter((number) => !appender.unknown.has(number))).toEqual([]);
  }
}

describe('three brokers', () => {
  beforeAll(async () => void (kafka = await startKafka({ dir: join(dir, 'three'), brokers: 3 })), TIMEOUT_MS);
  afterAll(() => kafka.stop());

  it(
    'lose one after another by kill -9 in the middle of appends and consumption: nothing is lost, nothing doubled',
    async () => {
      const log = await openLog();
      await log.ensureTopics([{ name: 'killed', partitions: 6, ...FOREVER }]);
      const consumed = new Map<number, number>(Array.from({ length: 6 }, (_, i) => [i, 0]));
      const errors: unknown[] = [];
      const consume = async (session: PartitionSession): Promise<void> => {
        let offset = (await session.committed())?.offset ?? 0;
        while (!session.signal.aborted) {
          const records = await session.read(offset, { ...ALL, waitMs: 500 });
          if (records.length === 0) continue;
          // In order and without gaps from where the group stands.
          expect(records.map((record) => record.offset)).toEqual(records.map((_, i) => offset + i));
          offset = records.at(-1)!.offset + 1;
          await session.commit({ offset, metadata: `${offset}` });
          consumed.set(session.partition, offset);
        }
      };
      await log.join('group', ['killed'], consume, (error) => errors.push(error));
      await (await openLog()).join('group', ['killed'], consume, (error) => errors.push(error));
      const appender = new Appender(log, 'killed', 6);
      for (const broker of kafka.brokers) {
        const before = appender.acknowledged.length;
        await waitFor('appends', 30_000, () => appender.acknowledged.length > before + 300);
        await broker.kill();
        const without = appender.acknowledged.length;
        await waitFor('appends without the broker', 60_000, () => appender.acknowledged.length > without + 300);
        await broker.start();
      }
      await appender.stop();
      await expectExact(log, 'killed', 6, appender);
      await waitFor('the group to have read all', 60_000, async () => (await log.lag('group', 'killed')) === 0);
      for (const [partition, offset] of consumed) expect(offset).toBe((await log.bounds('killed', partition)).end);
      // Handlers may have failed while there was no coordinator, in the port's own words.
      expect(errors.filter((error) => !(error instanceof LogError))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'freeze one by one: calls fail in their stated time or go on, and nothing lingers',
    async () => {
      const log = await openLog({ appendTimeoutMs: 4_000, callTimeoutMs: 4_000 });
      await log.ensureTopics([{ name: 'frozen', partitions: 3, ...FOREVER }]);
      const appender = new Appender(log, 'frozen', 3);
      for (const broker of kafka.brokers) {
        const before = appender.acknowledged.length;
        await waitFor('appends', 30_000, () => appender.acknowledged.length > before + 100);
        broker.pause();
        const without = appender.acknowledged.length;
        await waitFor('appends without the broker', 60_000, () => appender.acknowledged.length > without + 100);
        broker.resume();
      }
      await appender.stop();
      await expectExact(log, 'frozen', 3, appender);
    },
    TIMEOUT_MS,
  );
});

describe('one broker', () => {
  beforeAll(async () => void (kafka = await startKafka({ dir: join(dir, 'one'), brokers: 1 })), TIMEOUT_MS);
  afterAll(() => kafka.stop());

  it(
    'that is away: opening does not fail, every call fails in its time, and all of it works when it comes back',
    async () => {
      const warnings: string[] = [];
      const limits = { appendTimeoutMs: 700, callTimeoutMs: 700, retryPauseMs: 20 };
      const setup = await openLog();
      await setup.ensureTopics([{ name: 'away', partitions: 2, ...FOREVER }]);
      await kafka.brokers[0]!.kill();
      const log = await openKafkaEventLog({
        brokers: kafka.bootstrap,
        clientId: 'away',
        clock: systemClock,
        limits,
        onWarning: (message) => warnings.push(message),
      });
      logs.push(log);
      const value = Buffer.from('1 x');
      const calls: (() => Promise<unknown>)[] = [
        () => log.append('away', [{ value }]),
        () => log.append('away', [{ value }], 1),
        () => log.partitions('away'),
        () => log.bounds('away', 0),
        () => log.lag('group', 'away'),
        () => log.readFrom('away', 0, 0, ALL),
        () => log.ensureTopics([{ name: 'more', partitions: 1, ...FOREVER }]),
        () =>
          log.join(
            'group',
            ['away'],
            async () => undefined,
            () => undefined,
          ),
      ];
      for (const call of calls) {
        const startedMs = performance.now();
        const error: unknown = await call().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(LogError);
        expect(error).toMatchObject({ code: 'unavailable', retriable: true });
        expect(performance.now() - startedMs).toBeLessThan(3_000);
      }
      expect(log.stats().pendingBytes).toBe(0);
      expect(warnings.filter((warning) => warning.includes('no broker'))).toHaveLength(1);
      await kafka.brokers[0]!.start();
      await waitFor('an append', 20_000, () => log.append('away', [{ value }], 0).catch(() => false));
      expect((await log.readFrom('away', 0, 0, ALL)).length).toBeGreaterThan(0);
      expect(warnings.at(-1)).toContain('Kafka is back');
    },
    TIMEOUT_MS,
  );

  it(
    'that dies with a member: its sessions end after the session timeout, and new ones begin where the group stands',
    async () => {
      const log = await openLog({ sessionTimeoutMs: 3_000, callTimeoutMs: 2_000, appendTimeoutMs: 2_000 });
      await log.ensureTopics([{ name: 'member', partitions: 2, ...FOREVER }]);
      for (let partition = 0; partition < 2; partition++)
        for (let i = 0; i < 5; i++) await log.append('member', [{ value: Buffer.from(`${i} x`) }], partition);
      const sessions: { session: PartitionSession; at: number }[] = [];
      await log.join(
        'group',
        ['member'],
        async (session) => {
          const at = (await session.committed())?.offset ?? 0;
          if (at === 0) await session.commit({ offset: 3, metadata: 'note' });
          sessions.push({ session, at });
          while (!session.signal.aborted) await session.read(5, { ...ALL, waitMs: 500 });
        },
        () => undefined,
      );
      await waitFor('the sessions', 20_000, () => sessions.length === 2);
      const first = sessions.map(({ session }) => session);
      await kafka.brokers[0]!.kill();
      await waitFor('the sessions to end', 20_000, () => first.every((session) => session.signal.aborted));
      for (const session of first)
        await expect(session.commit({ offset: 4, metadata: '' })).rejects.toMatchObject({ code: 'fenced' });
      await kafka.brokers[0]!.start();
      await waitFor('new sessions', 40_000, () => sessions.filter(({ at }) => at === 3).length >= 2);
      expect(first).not.toContain(sessions.at(-1)!.session);
      expect(log.stats().membershipsLost).toBeGreaterThanOrEqual(1);
    },
    TIMEOUT_MS,
  );

  it(
    'with a flipped bit on its disk: the batch is refused as corrupt, and what is before and after it can be read',
    async () => {
      const log = await openLog();
      await log.ensureTopics([{ name: 'flipped', partitions: 1, ...FOREVER }]);
      for (let i = 0; i < 3; i++) await log.append('flipped', [{ value: Buffer.from(`${i} ${'x'.repeat(100)}`) }]);
      const folder = join(dir, 'one', 'kafka-1', 'data', 'flipped-0');
      const segment = (await readdir(folder)).find((name) => name.endsWith('.log'))!;
      const file = await open(join(folder, segment), 'r+');
      try {
        const { size } = await file.stat();
        // In the middle of the second of three batches of one size.
        const at = Math.floor(size / 2) + 20;
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
        buffer[0] = buffer[0]! ^ 0x01;
        await file.write(buffer, 0, 1, at);
      } finally {
        await file.close();
      }
      const read = async (offset: number): Promise<number[]> =>
        (await log.readFrom('flipped', 0, offset, ALL)).map((record) => record.offset);
      expect(await read(0)).toEqual([0]);
      await expect(read(1)).rejects.toMatchObject({ code: 'corrupt', retriable: false });
      await expect(read(1)).rejects.toThrow('flipped/0: the batch at offset 1 does not match its checksum');
      expect(await read(2)).toEqual([2]);
    },
    TIMEOUT_MS,
  );
});

it('a port where nobody ever listened is unavailable, too', async () => {
  const [port] = (await freePorts(1)) as [number];
  const log = await openLog({ callTimeoutMs: 300 }, [`127.0.0.1:${port}`]);
  await expect(log.partitions('t')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(log.partitions('t')).rejects.toThrow('ECONNREFUSED');
});

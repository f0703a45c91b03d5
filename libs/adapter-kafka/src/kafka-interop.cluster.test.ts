// What others see and send: every compression written here is read by librdkafka (kcat), and every one that librdkafka and the broker write is read
// here; TLS and SASL against the broker's own listeners.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { LogError } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { openKafkaEventLog, type KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';
import { COMPRESSIONS } from './testing/compressions.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
    kafkaSecure: { ca: string; tls: string[]; sasl: string[]; user: { username: string; password: string } };
  }
}

const ALL = { maxRecords: 10_000, maxBytes: 2 ** 26, waitMs: 5_000 };
const SPEC = { partitions: 1, retentionBytes: 2 ** 30, retentionUs: 1e15 };

async function withLog<T>(options: Partial<KafkaEventLogOptions>, use: (log: KafkaEventLog) => Promise<T>): Promise<T> {
  const log = await openKafkaEventLog({
    brokers: inject('kafka'),
    clientId: 'interop',
    clock: systemClock,
    ...options,
  });
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

/** kcat's standard output. */
function kcat(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kcat', ['-b', inject('kafka')[0]!, ...args]);
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`kcat: ${errors}`))));
    child.stdin.end(input);
  });
}

describe.each(COMPRESSIONS)('compression %s', (compression) => {
  it('is read by librdkafka as it was written, key and headers included', () =>
    withLog({ compression }, async (log) => {
      const topic = `written-${randomUUID()}`;
      await log.ensureTopics([{ name: topic, ...SPEC }]);
      const values = Array.from({ length: 50 }, (_, i) => `share ${i} `.repeat(i));
      await log.append(
        topic,
        values.map((value, i) => ({ key: `käse-${i}`, value: Buffer.from(value), headers: { trace: `ü${i}` } })),
      );
      const read = await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', '%o|%k|%h|%s\\n']);
      expect(read).toBe(values.map((value, i) => `${i}|käse-${i}|trace=ü${i}|${value}\n`).join(''));
    }));

  it('is read here as librdkafka wrote it', () =>
    withLog({}, async (log) => {
      const topic = `read-${randomUUID()}`;
      await log.ensureTopics([{ name: topic, ...SPEC }]);
      const values = Array.from({ length: 200 }, (_, i) => `share ${i} `.repeat(1 + (i % 50)).trim());
      await kcat(
        ['-P', '-t', topic, '-z', compression, '-H', 'trace=ü', '-K', '|'],
        values.map((value) => `k|${value}\n`).join(''),
      );
      const records = await log.readFrom(topic, 0, 0, ALL);
      expect(records.map(({ value }) => Buffer.from(value).toString())).toEqual(values);
      expect(records[7]).toMatchObject({ offset: 7, key: 'k', headers: { trace: 'ü' } });
    }));
});

it('names zstd and the Node that has it, where it is missing', async () => {
  const outcome = withLog({ compression: 'zstd' }, async (log) => {
    const topic = `zstd-${randomUUID()}`;
    await log.ensureTopics([{ name: topic, ...SPEC }]);
    await log.append(topic, [{ value: Buffer.from('z'.repeat(1000)) }]);
    return (await log.readFrom(topic, 0, 0, ALL)).length;
  });
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  if (major > 22 || (major === 22 && minor >= 15)) expect(await outcome).toBe(1);
  else await expect(outcome).rejects.toThrow('zstd needs Node 22.15');
});

it("puts a key where Kafka's other clients put it", () =>
  withLog({}, async (log) => {
    const topic = `keys-${randomUUID()}`;
    await log.ensureTopics([{ name: topic, ...SPEC, partitions: 7 }]);
    const keys = Array.from({ length: 40 }, (_, i) => `tenant.site.machine-${i * i}ü`);
    for (const key of keys) await log.append(topic, [{ key, value: Buffer.from('x') }]);
    // The partitioner of the Java client.
    await kcat(
      ['-P', '-t', topic, '-X', 'topic.partitioner=murmur2_random', '-K', '|'],
      keys.map((key) => `${key}|y\n`).join(''),
    );
    const partitions = new Map<string, Set<number>>();
    for (let partition = 0; partition < 7; partition++) {
      for (const { key } of await log.readFrom(topic, partition, 0, { ...ALL, waitMs: 0 }))
        partitions.set(key!, (partitions.get(key!) ?? new Set()).add(partition));
    }
    expect([...partitions.keys()].sort()).toEqual([...keys].sort());
    expect([...partitions.values()].every((each) => each.size === 1)).toBe(true);
  }));

describe('a broker that wants TLS and a login', () => {
  const limits = { callTimeoutMs: 3_000, appendTimeoutMs: 3_000 };

  const roundTrip = async (log: KafkaEventLog): Promise<string> => {
    const topic = `secure-${randomUUID()}`;
    await log.ensureTopics([{ name: topic, ...SPEC }]);
    await log.append(topic, [{ value: Buffer.from('secret') }]);
    return Buffer.from((await log.readFrom(topic, 0, 0, ALL))[0]!.value).toString();
  };

  it('is reached over TLS', async () => {
    const { ca, tls } = inject('kafkaSecure');
    expect(await withLog({ brokers: tls, ssl: { ca: [ca] } }, roundTrip)).toBe('secret');
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'lets us in by %s, and keeps others out',
    async (mechanism) => {
      const { ca, sasl: brokers, user } = inject('kafkaSecure');
      const secure = { brokers, ssl: { ca: [ca] }, limits };
      expect(await withLog({ ...secure, sasl: { mechanism, ...user } }, roundTrip)).toBe('secret');
      const refused = withLog({ ...secure, sasl: { mechanism, ...user, password: 'wrong' } }, roundTrip);
      await expect(refused).rejects.toThrow(LogError);
      await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
      await expect(refused).rejects.toThrow(/[Aa]uthentication/);
    },
  );

  it('is not trusted with a certificate nobody vouches for', async () => {
    const outcome = withLog({ brokers: inject('kafkaSecure').tls, ssl: true, limits }, roundTrip);
    await expect(outcome).rejects.toMatchObject({ code: 'unavailable' });
    await expect(outcome).rejects.toThrow(/self.signed certificate/);
  });
});

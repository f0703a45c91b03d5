// Starts one Kafka broker and one Redis for all *.cluster.test.ts and hands their addresses over with provide(), so that the tests of
// an adapter import no tool. Tests that kill servers start servers of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startKafka, type Kafka } from '../kafka/start-kafka.ts';
import { requirePrograms } from '../programs.ts';
import { startRedis } from '../redis/redis-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of the broker. */
    kafka: string[];
    /** Its listeners with TLS, the certificate to trust (PEM), and who may log in. */
    kafkaSecure: NonNullable<Kafka['secure']>;
    /** redis://host:port */
    redis: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  requirePrograms('java', 'mvn', 'openssl', 'redis-server', 'kcat');
  const dir = await mkdtemp(join(tmpdir(), 'assay-servers-'));
  const stops: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const user = { username: 'assay', password: 'loopback-secret' };
    const kafka = await startKafka({ dir: join(dir, 'kafka'), brokers: 1, user });
    stops.push(() => kafka.stop());
    const redis = await startRedis({ dir: join(dir, 'redis') });
    stops.push(() => redis.stop());
    project.provide('kafka', kafka.bootstrap);
    project.provide('kafkaSecure', kafka.secure!);
    project.provide('redis', redis.url);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

// The servers themselves: they answer, and come back where they were after a kill.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startClickHouse } from '../clickhouse/start-clickhouse.ts';
import { startRedis } from '../redis/redis-server.ts';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'assay-servers-test-'))));
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Sends a line and resolves with the first bytes of the answer. */
function ask(host: string, port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(line));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

it('the shared servers take connections', async () => {
  const redis = new URL(inject('redis'));
  expect(await ask(redis.hostname, Number(redis.port), 'PING\r\n')).toBe('+PONG\r\n');
  const secure = inject('kafkaSecure');
  for (const address of [...inject('kafka'), ...secure.tls, ...secure.sasl]) {
    const [host, port] = address.split(':') as [string, string];
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), host, () => resolve(void socket.destroy()));
      socket.once('error', reject);
    });
  }
});

it('a server that was killed starts again on its port, and stops when asked', async () => {
  const redis = await startRedis({ dir });
  const first = redis.process.pid;
  await redis.process.kill();
  expect(redis.process.running).toBe(false);
  expect(redis.process.ended).toBe('SIGKILL');
  await redis.process.start();
  expect(redis.process.pid).not.toBe(first);
  expect(await ask('127.0.0.1', redis.port, 'PING\r\n')).toBe('+PONG\r\n');
  // A paused process is stopped all the same.
  redis.process.pause();
  expect(await redis.process.stop(10_000)).toBe(true);
});

it('ClickHouse that was killed comes back with its rows, its port and its user', async () => {
  const clickHouse = await startClickHouse({ dir: join(dir, 'clickhouse') });
  const authorization = `Basic ${Buffer.from(`${clickHouse.username}:${clickHouse.password}`).toString('base64')}`;
  const run = async (sql: string): Promise<string> => {
    const answer = await fetch(clickHouse.url, { method: 'POST', body: sql, headers: { authorization } });
    return (await answer.text()).trim();
  };
  await run('CREATE DATABASE kept ENGINE = Atomic');
  await run('CREATE TABLE kept.t (n UInt8) ENGINE = MergeTree ORDER BY n');
  await run('INSERT INTO kept.t SELECT 7');
  await clickHouse.process.kill();
  await expect(fetch(clickHouse.url)).rejects.toThrow();
  await clickHouse.process.start();
  expect(await run('SELECT n FROM kept.t FORMAT TSV')).toBe('7');
  // Others read what is theirs to read.
  expect((await fetch(clickHouse.url, { method: 'POST', body: 'SELECT n FROM kept.t' })).ok).toBe(false);
  expect(await clickHouse.process.stop()).toBe(true);
  expect(clickHouse.process.ended).toBe(0);
});

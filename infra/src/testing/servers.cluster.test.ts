// The servers themselves: they answer, and come back where they were after a kill.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
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

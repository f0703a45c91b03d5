// A pool that runs out of file descriptors: miners that are connected are served, nothing falls, and new ones come in when there are some again.
import { connect, type Socket } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

/** A start reads its modules many at once, which takes up to 450. */
const OPEN_FILES = 600;
const TIMEOUT_MS = 20_000;
const sockets: Socket[] = [];
let pool: PoolProcess | undefined;
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await pool?.dispose();
});

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Asks and resolves with the answer, or with undefined when the connection is closed instead. */
function ping(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('close', () => resolve(undefined));
    socket.write('{"id":1,"method":"mining.ping","params":[]}\n');
  });
}

it('serves on without any left, and takes new miners when there are some again', { timeout: 120_000 }, async () => {
  pool = await PoolProcess.launch({}, [], OPEN_FILES);
  const { ports } = pool;
  expect(pool.output).toContain('at most 300 connections are taken, not the 20000 of ASSAY_MAX_CONNECTIONS');
  const early = open(ports.stratum);
  expect(await ping(early)).toContain('pong');
  // The HTTP port takes 2,000 connections, so it can use up what there is.
  const hogs = Array.from({ length: OPEN_FILES }, () => open(ports.http));
  await waitFor('a miner to be turned away', TIMEOUT_MS, async () => (await ping(open(ports.stratum))) === undefined);
  expect(await ping(early)).toContain('pong');
  for (const hog of hogs) hog.destroy();
  await waitFor(
    'a miner to be taken',
    TIMEOUT_MS,
    async () => (await ping(open(ports.stratum)))?.includes('pong') === true,
  );
  expect(await ping(early)).toContain('pong');
});

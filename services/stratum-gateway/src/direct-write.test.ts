import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { unsentBytes, writeDirectly } from './direct-write.ts';
import { minerSocket, type MinerSocket } from './miner-socket.ts';
import { eventually } from './testing/fixture.ts';

let server: Server;
let client: Socket;
let socket: MinerSocket;

/** A connection whose client reads nothing until it is resumed. */
async function open(): Promise<void> {
  server = createServer({ pauseOnConnect: true }, (accepted) => (socket = minerSocket(accepted)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = once(server, 'connection');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  await accepted;
}

afterEach(async () => {
  client.destroy();
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('writeDirectly', () => {
  it('leaves nothing behind of what the kernel takes at once', async () => {
    await open();
    const heard: Buffer[] = [];
    client.on('data', (chunk) => heard.push(chunk)).resume();
    for (const text of ['one\n', 'two\n']) {
      expect(writeDirectly(socket, Buffer.from(text))).toBe(true);
      expect(unsentBytes(socket)).toBe(0);
    }
    await eventually(() => Buffer.concat(heard).toString() === 'one\ntwo\n', 'both lines');
  });

  it('keeps the order when the kernel is full, counts what waits, and goes on directly afterwards', async () => {
    await open();
    // More than loopback buffers hold.
    const large = Buffer.alloc(16 * 2 ** 20, 'a');
    expect(writeDirectly(socket, large)).toBe(true);
    expect(unsentBytes(socket)).toBe(large.length);
    const behind = Buffer.from('behind\n');
    expect(writeDirectly(socket, behind)).toBe(false);
    socket.write(behind);
    expect(unsentBytes(socket)).toBe(large.length + behind.length);

    const heard: Buffer[] = [];
    client.on('data', (chunk) => heard.push(chunk)).resume();
    await eventually(() => unsentBytes(socket) === 0, 'all to be taken');
    expect(writeDirectly(socket, Buffer.from('last\n'))).toBe(true);
    const expected = Buffer.concat([large, behind, Buffer.from('last\n')]);
    await eventually(() => heard.reduce((sum, { length }) => sum + length, 0) === expected.length, 'all to arrive');
    expect(Buffer.concat(heard).equals(expected)).toBe(true);
  });

  it('sends what waits before the socket ends', async () => {
    await open();
    const large = Buffer.alloc(16 * 2 ** 20, 'a');
    writeDirectly(socket, large);
    socket.destroySoon();
    let heard = 0;
    client.on('data', (chunk) => (heard += chunk.length)).resume();
    await once(client, 'end');
    expect(heard).toBe(large.length);
  });

  it('destroys a connection that breaks while bytes wait', async () => {
    await open();
    writeDirectly(socket, Buffer.alloc(16 * 2 ** 20));
    const failed = once(socket, 'error');
    client.resetAndDestroy();
    await failed;
    expect(socket.destroyed).toBe(true);
    expect(writeDirectly(socket, Buffer.from('late\n'))).toBe(false);
  });

  it('leaves the write to the socket where the handle cannot', async () => {
    await open();
    const { _handle } = socket as unknown as { _handle: object };
    Object.defineProperty(_handle, 'writeBuffer', { value: undefined });
    expect(writeDirectly(socket, Buffer.from('one\n'))).toBe(false);
  });
});

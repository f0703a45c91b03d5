import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Connection } from './connection.ts';
import { minerSocket } from './miner-socket.ts';
import { eventually } from '../testing/fixture.ts';

/** Sends two texts on two connections each and collects what every connection read. */
async function heard(prepare: (accepted: Socket) => void): Promise<string[]> {
  const texts: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    prepare(accepted);
    const socket = minerSocket(accepted);
    const at = texts.push('') - 1;
    const read = (_: Connection, chunk: Uint8Array, length: number): void => {
      texts[at] += Buffer.from(chunk.subarray(0, length)).toString();
    };
    socket.connection = { server: { read } } as unknown as Connection;
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = [0, 1].map(() => connect((server.address() as AddressInfo).port, '127.0.0.1'));
  for (const [i, client] of clients.entries()) client.write(`a${i}`, () => client.write(`b${i}`));
  await eventually(() => texts.length === 2 && texts.every((text) => text.length === 4), 'both to be read');
  // What the server wrote and when the miner left must still be seen.
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  for (const client of clients) client.end();
  await closed;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return texts.sort();
}

describe('minerSocket', () => {
  it('reads every connection through one buffer', async () => {
    expect(await heard(() => undefined)).toEqual(['a0b0', 'a1b1']);
  });

  it('serves where the handle cannot', async () => {
    const prepare = (accepted: Socket): void => {
      const { _handle } = accepted as unknown as { _handle: object };
      Object.defineProperty(_handle, 'useUserBuffer', { value: undefined });
    };
    expect(await heard(prepare)).toEqual(['a0b0', 'a1b1']);
  });
});

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { refuseEarly } from './early-refusal.ts';

const server = createServer((socket) => socket.end('welcome'));
afterEach(() => void server.close());

async function said(localAddress: string): Promise<string> {
  const socket: Socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, localAddress });
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  // One that is turned away may see a reset.
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

// Fails where Node no longer has the handle that this relies on: then refusals cost a socket again.
it('closes connections that are refused before there is a socket, and lets the others in', async () => {
  await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening');
  let sockets = 0;
  server.on('connection', () => sockets++);
  const asked: string[] = [];
  refuseEarly(server, (address) => {
    asked.push(address);
    return address === '127.0.0.9';
  });
  expect(await said('127.0.0.9')).toBe('');
  expect(await said('127.0.0.1')).toBe('welcome');
  expect(asked).toEqual(['127.0.0.9', '127.0.0.1']);
  expect(sockets).toBe(1);
});

// The first bytes of a TLS handshake, which make a server work: recorded once and then sent by those who want no answer.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect } from 'node:tls';

export async function recordClientHello(): Promise<Uint8Array> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Uint8Array];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

// The least a TCP server in Node can do: says every line back, holds connections, writes the same bytes to all of them. What the
// gateway costs is told in multiples of this.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { serveParent } from './serve-parent.ts';

const LINE_FEED = 10;

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  let rest: Uint8Array | undefined;
  socket.on('data', (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      socket.write(bytes.subarray(from, end + 1));
      from = end + 1;
    }
    rest = from === bytes.length ? undefined : bytes.subarray(from);
  });
  socket.on('error', () => undefined); // 'close' follows.
  socket.on('close', () => sockets.delete(socket));
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 });
await once(server, 'listening');

serveParent(
  {
    port: () => (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    /** Writes the bytes to every connection. Answers with when it began, as process.hrtime tells it. */
    writeToAll: (bytes: Uint8Array) => {
      const triggered = process.hrtime.bigint();
      for (const socket of sockets) socket.write(bytes);
      return triggered;
    },
  },
  () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  },
);

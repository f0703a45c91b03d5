// Ports for servers that are killed and come back on the same port. They lie below the range that the system gives to outgoing connections
// (32768 and up on Linux): there, a client that tries again and again to reach a dead server can be given the server's own port, connects to itself,
// and keeps the server from coming back.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 15_000;
const LAST = 32_000;
const given = new Set<number>();

/** Ports nobody listens on, none given twice by this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, LAST);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

// The system's redis-server on loopback, as a child process that can be killed and comes back on its own port.
import { mkdir } from 'node:fs/promises';
import { freePorts } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { requirePrograms } from '../programs.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: ManagedProcess;
  stop(): Promise<void>;
}

/** Starts a server that keeps everything in memory and nothing on disk: after a kill it is empty, as a lost Redis is. */
export async function startRedis(options: {
  readonly dir: string;
  /** A file of users and what they may do, in Redis' own form. */
  readonly aclFile?: string;
}): Promise<RedisServer> {
  const { dir, aclFile } = options;
  requirePrograms('redis-server');
  await mkdir(dir, { recursive: true });
  const [port] = (await freePorts(1)) as [number];
  const users = aclFile === undefined ? {} : { aclfile: aclFile };
  const settings = { bind: '127.0.0.1', port: String(port), dir, save: '', appendonly: 'no', ...users };
  const server = new ManagedProcess({
    name: 'redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    isReady: (output) => output.includes('Ready to accept connections'),
  });
  await server.start();
  return { url: `redis://127.0.0.1:${port}`, port, process: server, stop: () => server.kill() };
}

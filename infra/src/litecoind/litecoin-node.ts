// A real Litecoin node (Debian's `litecoind`) on a regtest chain of its own, as a child process that can be killed, frozen and comes back on
// its own ports with its chain. Everything is on loopback and under `dir`.
//
// What is good to know of version 0.21.2 on regtest: it gives no template while it has no peer, nor while its best block is older than a
// day (so a fresh chain needs a first block by `generatetoaddress`); from block 432 on a template needs a peg-in among the transactions, so
// tests stay below; and the package is built without ZMQ.
import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { requirePrograms } from '../programs.ts';

export interface LitecoinNode {
  /** With user and password. */
  readonly url: string;
  /** `host:port` of its RPC. */
  readonly endpoint: string;
  /** Port for other nodes. */
  readonly p2pPort: number;
  /** Written by the node at each start: another way to log in. */
  readonly cookieFile: string;
  readonly process: ManagedProcess;
  /** The result of a call; throws an error with the node's own message. */
  rpc<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  stop(): Promise<void>;
}

export interface LitecoinNodeOptions {
  readonly dir: string;
  /** P2P ports of nodes that it connects to, again and again while they are away. */
  readonly peers?: readonly number[];
}

const USER = 'assay';
const PASSWORD = 'regtest';
const SALT = '00'.repeat(16);
/** More than long polls and a test's questions need at once. */
const RPC_THREADS = 16;
const RPC_QUEUE = 128;

export async function startLitecoinNode({ dir, peers = [] }: LitecoinNodeOptions): Promise<LitecoinNode> {
  requirePrograms('litecoind');
  await mkdir(dir, { recursive: true });
  const [p2pPort, rpcPort] = (await freePorts(2)) as [number, number];
  const endpoint = `127.0.0.1:${rpcPort}`;
  const rpc = <T>(method: string, ...params: readonly unknown[]): Promise<T> => call(endpoint, method, params);
  const node = new ManagedProcess({
    name: `litecoind on ${endpoint}`,
    command: 'litecoind',
    args: [
      '-regtest',
      `-datadir=${dir}`,
      '-server',
      '-listen',
      `-bind=127.0.0.1:${p2pPort}`,
      '-rpcbind=127.0.0.1',
      '-rpcallowip=127.0.0.1',
      `-rpcport=${rpcPort}`,
      // Unlike a plain password, this leaves the cookie as another way in.
      `-rpcauth=${USER}:${SALT}$${createHmac('sha256', SALT).update(PASSWORD).digest('hex')}`,
      `-rpcthreads=${RPC_THREADS}`,
      `-rpcworkqueue=${RPC_QUEUE}`,
      '-dnsseed=0',
      '-discover=0',
      '-listenonion=0',
      '-upnp=0',
      '-fallbackfee=0.001',
      ...peers.map((port) => `-addnode=127.0.0.1:${port}`),
    ],
    isReady: () =>
      rpc('getblockchaininfo').then(
        () => true,
        () => false,
      ),
  });
  await node.start();
  return {
    url: `http://${USER}:${PASSWORD}@${endpoint}`,
    endpoint,
    p2pPort,
    cookieFile: join(dir, 'regtest', '.cookie'),
    process: node,
    rpc,
    stop: async () => void (await node.stop()),
  };
}

async function call<T>(endpoint: string, method: string, params: readonly unknown[]): Promise<T> {
  const response = await fetch(`http://${endpoint}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` },
    body: JSON.stringify({ jsonrpc: '1.0', id: method, method, params }),
  });
  if (response.status === 503) throw new Error(`litecoind has too much to do for ${method}: ${await response.text()}`);
  const { result, error } = (await response.json()) as { result: T; error: { message: string } | null };
  if (error !== null) throw new Error(`litecoind refused ${method}: ${error.message}`);
  return result;
}

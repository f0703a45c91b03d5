// Litecoin nodes that are each other's peers, with a first block: two are the least that gives work on regtest, three are the least of
// which one can be lost.
import { join } from 'node:path';
import { startLitecoinNode, type LitecoinNode } from './litecoin-node.ts';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;

export interface LitecoinNetwork {
  readonly nodes: readonly LitecoinNode[];
  /** An address of the first node's wallet. */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startLitecoinNetwork(options: {
  readonly dir: string;
  readonly nodes: number;
}): Promise<LitecoinNetwork> {
  const nodes: LitecoinNode[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (let i = 0; i < options.nodes; i++) {
      const peers = nodes.map(({ p2pPort }) => p2pPort);
      nodes.push(await startLitecoinNode({ dir: join(options.dir, `node-${i + 1}`), peers }));
    }
    const [first] = nodes as [LitecoinNode];
    await first.rpc('createwallet', 'pool');
    const address = await first.rpc<string>('getnewaddress');
    await first.rpc('generatetoaddress', 1, address);
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await isConnected(nodes))) {
      if (performance.now() > deadline) throw new Error('the Litecoin nodes did not find each other');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { nodes, address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether each node has all the others as peers, and the first block. */
async function isConnected(nodes: readonly LitecoinNode[]): Promise<boolean> {
  const standing = await Promise.all(
    nodes.map(async (node) => [await node.rpc<number>('getconnectioncount'), await node.rpc<number>('getblockcount')]),
  );
  return standing.every(([peers, blocks]) => peers! >= nodes.length - 1 && blocks === 1);
}

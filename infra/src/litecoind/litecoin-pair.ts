// Two Litecoin nodes that are each other's peer, with a first block: the least that gives work on regtest.
import { join } from 'node:path';
import { startLitecoinNode, type LitecoinNode } from './litecoin-node.ts';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;

export interface LitecoinPair {
  readonly nodes: readonly [LitecoinNode, LitecoinNode];
  /** An address of the first node's wallet. */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startLitecoinPair({ dir }: { readonly dir: string }): Promise<LitecoinPair> {
  const first = await startLitecoinNode({ dir: join(dir, 'first') });
  const stopFirst = (): Promise<void> => first.stop();
  try {
    const second = await startLitecoinNode({ dir: join(dir, 'second'), peers: [first.p2pPort] });
    const stop = async (): Promise<void> => void (await Promise.all([first.stop(), second.stop()]));
    try {
      // So that each finds the other again whichever of them was away.
      await first.rpc('addnode', `127.0.0.1:${second.p2pPort}`, 'add');
      await first.rpc('createwallet', 'pool');
      const address = await first.rpc<string>('getnewaddress');
      await first.rpc('generatetoaddress', 1, address);
      const deadline = performance.now() + PATIENCE_MS;
      while (
        (await second.rpc('getblockcount')) !== 1 ||
        (await peersOf(first)) === 0 ||
        (await peersOf(second)) === 0
      ) {
        if (performance.now() > deadline) throw new Error('the two Litecoin nodes did not find each other');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return { nodes: [first, second], address, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await stopFirst();
    throw error;
  }
}

function peersOf(node: LitecoinNode): Promise<number> {
  return node.rpc<number>('getconnectioncount');
}

// Payouts as scripts. The node turns addresses into them, so that every kind of address that it knows can be paid, and none that it
// would not take as its own: an address of another network or with a typing error is refused before anybody mines for it.
import { bytesFromHex } from '@assay/kernel';
import { partsOfPercent, type PayoutPart } from '@assay/mining';
import { NodeError, type NodeClient } from './node-client.ts';
import type { NodePayout } from './node-settings.ts';

/** A payout that cannot be paid; the message names the address. */
export class PayoutError extends Error {
  override readonly name = 'PayoutError';
  readonly code = 'bad_payout';
}

/** Throws PayoutError, or NodeError when the node cannot be asked. */
export async function payoutSplit(
  payouts: readonly NodePayout[],
  node: NodeClient,
  timeoutMs: number,
): Promise<PayoutPart[]> {
  return Promise.all(
    payouts.map(async ({ address, script, percent }) => ({
      script: script === undefined ? await scriptOf(address!, node, timeoutMs) : bytesFromHex(script)!,
      parts: partsOfPercent(percent)!,
    })),
  );
}

async function scriptOf(address: string, node: NodeClient, timeoutMs: number): Promise<Uint8Array> {
  const answer = (await node.call('validateaddress', [address], { timeoutMs })) ?? {};
  const { isvalid, scriptPubKey, ismweb } = answer as Record<string, unknown>;
  if (isvalid !== true)
    throw new PayoutError(`the payout address ${address} is not valid on the network of ${node.endpoint}`);
  // A coinbase pays into the main chain only (LIP3).
  if (ismweb === true)
    throw new PayoutError(`the payout address ${address} is an MWEB address, which no coinbase can pay`);
  const script = typeof scriptPubKey === 'string' ? bytesFromHex(scriptPubKey) : undefined;
  if (script === undefined || script.length === 0)
    throw new NodeError('bad_answer', `${node.endpoint} gives no scriptPubKey for ${address}`);
  return script;
}

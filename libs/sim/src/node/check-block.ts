// Whether a block may follow the tip of a chain, decided in the order and with the words of Bitcoin Core's validation.cpp.
import { hash256, treeRoot, type ReadBlock, type ReadOutput } from './read-block.ts';

export interface BlockExpectation {
  readonly height: number;
  readonly bits: number;
  /** The median of the last eleven blocks' times: a block's time must be later. */
  readonly medianTime: number;
  readonly nowSeconds: number;
  readonly subsidy: bigint;
  /** Fee of a transaction whose inputs exist, by its wtxid in hex; undefined for one that spends what is not there. */
  readonly feeOf: (wtxid: string) => bigint | undefined;
}

const MAX_WEIGHT = 4_000_000;
const MAX_FUTURE_SECONDS = 7200;
const COMMITMENT = Buffer.from('6a24aa21a9ed', 'hex');

/** Why the block is refused; undefined when it is taken. */
export function blockProblem(block: ReadBlock, expected: BlockExpectation): string | undefined {
  return (
    bodyProblem(block) ??
    headerProblem(block, expected) ??
    contextProblem(block, expected) ??
    moneyProblem(block, expected)
  );
}

/** CheckBlock: what a block says of itself. */
function bodyProblem(block: ReadBlock): string | undefined {
  const { transactions } = block;
  if (littleEndian(block.hash) > targetOf(block.bits)) return 'high-hash';
  if (transactions.length === 0) return 'bad-blk-length';
  const txids = transactions.map(({ txid }) => txid);
  if (!treeRoot(txids).equals(block.merkleRoot)) return 'bad-txnmrklroot';
  if (new Set(txids.map((txid) => txid.toString('hex'))).size < txids.length) return 'bad-txns-duplicate';
  const isCoinbase = transactions.map(({ inputs }) => inputs.length === 1 && spendsNothing(inputs[0]!.spends));
  if (!isCoinbase[0]) return 'bad-cb-missing';
  if (isCoinbase.slice(1).includes(true)) return 'bad-cb-multiple';
  const { script } = transactions[0]!.inputs[0]!;
  if (script.length < 2 || script.length > 100) return 'bad-cb-length';
  if (transactions.some(({ inputs }) => inputs.length === 0)) return 'bad-txns-vin-empty';
  if (transactions.some(({ outputs }) => outputs.length === 0)) return 'bad-txns-vout-empty';
  return undefined;
}

function headerProblem({ version, bits, time }: ReadBlock, expected: BlockExpectation): string | undefined {
  if (bits !== expected.bits) return 'bad-diffbits';
  if (time <= expected.medianTime) return 'time-too-old';
  if (time > expected.nowSeconds + MAX_FUTURE_SECONDS) return 'time-too-new';
  if (version < 4) return 'bad-version';
  return undefined;
}

/** ContextualCheckBlock: BIP34's height and BIP141's commitment. */
function contextProblem({ transactions, weight }: ReadBlock, { height }: BlockExpectation): string | undefined {
  const [coinbase] = transactions as [ReadBlock['transactions'][number]];
  const { script, witness } = coinbase.inputs[0]!;
  const wanted = scriptNumber(height);
  if (!script.subarray(0, wanted.length).equals(wanted)) return 'bad-cb-height';
  const commitment = coinbase.outputs.findLast(isCommitment);
  if (commitment !== undefined) {
    if (witness.length !== 1 || witness[0]!.length !== 32) return 'bad-witness-nonce-size';
    const leaves = [Buffer.alloc(32), ...transactions.slice(1).map(({ wtxid }) => wtxid)];
    const root = hash256(treeRoot(leaves), witness[0]!);
    if (!commitment.script.subarray(6, 38).equals(root)) return 'bad-witness-merkle-match';
  } else if (transactions.some(({ hasWitness }) => hasWitness)) return 'unexpected-witness';
  if (weight > MAX_WEIGHT) return 'bad-blk-weight';
  return undefined;
}

/** ConnectBlock: nothing is spent that is not there, and the coinbase takes no more than it may. */
function moneyProblem({ transactions }: ReadBlock, { subsidy, feeOf }: BlockExpectation): string | undefined {
  let allowed = subsidy;
  for (const { wtxid } of transactions.slice(1)) {
    const fee = feeOf(wtxid.toString('hex'));
    if (fee === undefined) return 'bad-txns-inputs-missingorspent';
    allowed += fee;
  }
  const paid = transactions[0]!.outputs.reduce((sum, { value }) => sum + value, 0n);
  return paid > allowed ? 'bad-cb-amount' : undefined;
}

function isCommitment({ script }: ReadOutput): boolean {
  return script.length >= 38 && script.subarray(0, 6).equals(COMMITMENT);
}

function spendsNothing(spends: Buffer): boolean {
  return spends.subarray(0, 32).every((byte) => byte === 0) && spends.readUInt32LE(32) === 0xffffffff;
}

/** `CScript() << height`, for the heights that need a push of 1 to 4 bytes. */
function scriptNumber(height: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32LE(height);
  let length = 4;
  while (length > 1 && bytes[length - 1] === 0) length--;
  // The top bit is the sign.
  if ((bytes[length - 1]! & 0x80) !== 0) length++;
  return Buffer.concat([Buffer.of(length), bytes.subarray(0, length)]);
}

function targetOf(bits: number): bigint {
  return BigInt(bits & 0x7fffff) << (8n * BigInt((bits >>> 24) - 3));
}

function littleEndian(hash: Buffer): bigint {
  return BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`);
}

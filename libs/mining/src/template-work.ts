// From a template to what machines work on, and from what they found to the block. Pure.
// Invariant: a share that meets the network target of its job makes a block that the node of the template takes.
import { assert, hexFromBytes } from '@assay/kernel';
import type { Algorithm } from './algorithm.ts';
import { blockHex, headerBytes } from './block-bytes.ts';
import type { BlockTemplate } from './block-template.ts';
import { coinbaseHalves, type CoinbaseHalves } from './coinbase.ts';
import { DIFFICULTY_STEPS_PER_UNIT, MAX_DIFFICULTY, MIN_DIFFICULTY } from './difficulty.ts';
import { sealJob, type Job } from './job.ts';
import { merkleBranches, merkleRoot, sha256d } from './merkle.ts';
import { difficultyFromNbits, targetFromNbits } from './nbits.ts';
import { splitReward, type PayoutPart } from './payout-split.ts';
import { compactSize } from './wire-integers.ts';

export interface WorkPlan {
  readonly algorithm: Algorithm;
  readonly split: readonly PayoutPart[];
  readonly tag: string;
  readonly extranonceSize: number;
  /** Fresh for every job, so that no two jobs of any gateway search the same space. */
  readonly jobNonce: Uint8Array;
}

export interface TemplateWork {
  readonly job: Job;
  /** As the block will be: without the transactions that had no room beside the coinbase. */
  readonly template: BlockTemplate;
  readonly target: Uint8Array;
  /** That of the target, in the algorithm's own convention. */
  readonly networkDifficulty: number;
  /** An assignable difficulty no harder than the target, where there is one. */
  readonly difficulty: number;
}

/** What of a share goes into its block. */
export interface WorkedShare {
  readonly extranonce1: Uint8Array;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** As hashed. */
  readonly version: number;
}

export interface FoundBlock {
  readonly hex: string;
  /** As explorers show it: of the header, by SHA-256d for every coin. */
  readonly id: string;
  readonly height: number;
}

/** Marker, flag, one witness of 32 bytes with its count and its length: a weight unit each. */
const COINBASE_WITNESS_BYTES = 36;
const HEADER_BYTES = 80;
/** OP_RETURN, a push of 36 bytes, and the four that BIP141 marks the commitment with. */
const COMMITMENT_HEAD = Uint8Array.of(0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed);

/** Throws RangeError when the parts do not make a coinbase, or it does not fit into the block. */
export function workOnTemplate(given: BlockTemplate, plan: WorkPlan): TemplateWork {
  const spare = spareWeight(given, coinbaseOf(given, plan), plan.extranonceSize);
  const template = spare < 0 ? withLessWeight(given, -spare) : given;
  const target = targetFromNbits(template.nbits);
  assert(target !== undefined, 'a template with a target that was not checked');
  const job = sealJob({
    algorithm: plan.algorithm,
    prevHash: template.prevHash,
    ...coinbaseOf(template, plan),
    merkleBranches: merkleBranches(Buffer.concat(template.transactions.map(({ txid }) => txid))),
    version: template.version,
    nbits: template.nbits,
    ntime: template.ntime,
  });
  const networkDifficulty = difficultyFromNbits(template.nbits, plan.algorithm);
  return { job, template, target, networkDifficulty, difficulty: notHarder(networkDifficulty) };
}

/** The block that a share of this work makes. */
export function blockOfShare({ template, job }: TemplateWork, share: WorkedShare): FoundBlock {
  const coinbase = Buffer.concat([job.coinbase1, share.extranonce1, share.extranonce2, job.coinbase2]);
  const header = headerBytes({
    version: share.version,
    prevHash: job.prevHash,
    merkleRoot: merkleRoot(sha256d(coinbase), job.merkleBranches),
    ntime: share.ntime,
    nbits: job.nbits,
    nonce: share.nonce,
  });
  return {
    hex: blockHex(header, coinbase, template),
    id: hexFromBytes(sha256d(header).reverse()),
    height: template.height,
  };
}

function coinbaseOf(template: BlockTemplate, plan: WorkPlan): CoinbaseHalves {
  const { witnessCommitment } = template;
  const outputs = splitReward(template.coinbaseValue, plan.split);
  if (witnessCommitment !== undefined) outputs.push({ value: 0n, script: witnessCommitment });
  return coinbaseHalves({ ...plan, height: template.height, aux: template.coinbaseAux, outputs });
}

/** Weight that is left in the block; negative when it is too much. A node leaves some for the coinbase, but it does not know ours. */
function spareWeight(
  template: BlockTemplate,
  { coinbase1, coinbase2 }: CoinbaseHalves,
  extranonceSize: number,
): number {
  const { weightLimit = Infinity, transactions } = template;
  const coinbase = 4 * (coinbase1.length + extranonceSize + coinbase2.length) + COINBASE_WITNESS_BYTES;
  const head = 4 * (HEADER_BYTES + compactSize(transactions.length + 1).length);
  return weightLimit - head - coinbase - transactions.reduce((sum, { weight }) => sum + weight, 0);
}

/** Without the last transactions: those before do not depend on them, and their fees are the lowest of what fitted. */
function withLessWeight(template: BlockTemplate, excess: number): BlockTemplate {
  const { transactions, coinbaseValue, mweb, witnessCommitment } = template;
  let [kept, weight, fees] = [transactions.length, 0, 0n];
  // The last transaction of a block with an extension block carries it, and cannot be left out.
  while (weight < excess && kept > 0 && mweb === undefined) {
    const last = transactions[--kept]!;
    if (last.fee === undefined) break;
    weight += last.weight;
    fees += last.fee;
  }
  if (weight < excess)
    throw new RangeError(
      `the coinbase needs ${excess} weight more than the node left for it: fewer payouts, or a lower blockmaxweight at the node`,
    );
  const rest = transactions.slice(0, kept);
  return {
    ...template,
    transactions: rest,
    coinbaseValue: coinbaseValue - fees,
    witnessCommitment: witnessCommitment === undefined ? undefined : commitmentTo(rest),
  };
}

/** BIP141: over the root of the wtxids, in which the coinbase counts as zeroes, and the reserved value, which is zeroes. */
function commitmentTo(transactions: BlockTemplate['transactions']): Uint8Array {
  const zeroes = new Uint8Array(32);
  const root = merkleRoot(zeroes, merkleBranches(Buffer.concat(transactions.map(({ wtxid }) => wtxid))));
  return Uint8Array.of(...COMMITMENT_HEAD, ...sha256d(Buffer.concat([root, zeroes])));
}

/** The network's difficulty as it can be assigned, rounded down so that no machine holds a block back. */
function notHarder(difficulty: number): number {
  if (difficulty >= 1) return Math.min(MAX_DIFFICULTY, Math.floor(difficulty));
  return Math.max(MIN_DIFFICULTY, Math.floor(difficulty * DIFFICULTY_STEPS_PER_UNIT) / DIFFICULTY_STEPS_PER_UNIT);
}

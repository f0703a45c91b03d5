// The chain of a stand-in node: its blocks since a made-up first one, the transactions that wait for a block, and the templates it gave out.
// Invariant: the tip only moves to a block that was checked in full.
import type { Clock, Random } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';
import { blockProblem } from './check-block.ts';
import { hash256, readBlock, treeRoot, type ReadBlock } from './read-block.ts';
import { sampleTransaction, type SampleTransaction } from './sample-transactions.ts';

export interface ChainBlock {
  /** As nodes print it. */
  readonly hash: string;
  readonly height: number;
  readonly time: number;
  /** As it was submitted; '' for the made-up first block. */
  readonly hex: string;
  /** Undefined for the made-up first block. */
  readonly block: ReadBlock | undefined;
}

/** Bitcoin's regtest target: every second hash meets it. */
const BITS = 0x207fffff;
const HALVING_BLOCKS = 210_000;
const WEIGHT_LIMIT = 4_000_000;
/** Problems that Bitcoin Core counts as mutations. */
const MUTABLE = new Set([
  'bad-txnmrklroot',
  'bad-txns-duplicate',
  'bad-witness-nonce-size',
  'bad-witness-merkle-match',
]);
/** The node says this of one whose transactions are not those of any template: not a word of Bitcoin Core's, but of tests. */
export const NOT_A_TEMPLATE = 'not-a-template';

export class NodeChain {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #blocks: ChainBlock[] = [];
  readonly #invalid = new Set<string>();
  /** wtxids of each template given out for the tip, as one string. */
  readonly #given = new Set<string>();
  #waiting: SampleTransaction[] = [];
  #changes = 0;
  #nextBits = BITS;

  /** @param height of the first block, which nobody can look into */
  constructor(clock: Clock, random: Random, height: number, firstHash: string) {
    this.#clock = clock;
    this.#random = random;
    this.#blocks.push({ hash: firstHash, height, time: this.#nowSeconds() - 600, hex: '', block: undefined });
  }

  get tip(): ChainBlock {
    return this.#blocks.at(-1)!;
  }

  get blocks(): readonly ChainBlock[] {
    return this.#blocks;
  }

  get waiting(): readonly SampleTransaction[] {
    return this.#waiting;
  }

  /** Changes when a new template would differ. */
  get longPollId(): string {
    return `${this.tip.hash}${this.#changes}`;
  }

  /** Target that the next block needs, for tests that want real work or none. */
  set nextBits(bits: number) {
    this.#nextBits = bits;
    this.#changes++;
  }

  addTransactions(count: number): void {
    for (let i = 0; i < count; i++) this.#waiting.push(sampleTransaction(this.#random));
    this.#changes++;
  }

  /** What another node's wallet sent on. */
  takeTransactions(transactions: readonly SampleTransaction[]): void {
    this.#waiting = [...transactions];
    this.#changes++;
  }

  /** The answer to getblocktemplate. */
  template(): object {
    const { tip } = this;
    const transactions = [...this.#waiting];
    const fees = transactions.reduce((sum, { fee }) => sum + fee, 0n);
    this.#given.add(listOf(transactions.map(({ wtxid }) => wtxid)));
    const root = treeRoot([Buffer.alloc(32), ...transactions.map(({ wtxid }) => wtxid)]);
    return {
      capabilities: ['proposal'],
      version: 0x20000000,
      rules: ['csv', '!segwit', 'taproot'],
      vbavailable: {},
      vbrequired: 0,
      previousblockhash: tip.hash,
      transactions: transactions.map(({ data, txid, wtxid, fee, weight }) => ({
        data: data.toString('hex'),
        txid: printed(txid),
        hash: printed(wtxid),
        depends: [],
        fee: Number(fee),
        sigops: 4,
        weight,
      })),
      coinbaseaux: {},
      coinbasevalue: Number(this.#subsidy() + fees),
      longpollid: this.longPollId,
      target: '7fffff0000000000000000000000000000000000000000000000000000000000',
      mintime: this.#medianTime() + 1,
      mutable: ['time', 'transactions', 'prevblock'],
      noncerange: '00000000ffffffff',
      sigoplimit: 80_000,
      sizelimit: 4_000_000,
      weightlimit: WEIGHT_LIMIT,
      curtime: Math.max(this.#nowSeconds(), this.#medianTime() + 1),
      bits: this.#nextBits.toString(16).padStart(8, '0'),
      height: tip.height + 1,
      default_witness_commitment: `6a24aa21a9ed${hash256(root, Buffer.alloc(32)).toString('hex')}`,
    };
  }

  /** Whether a template for the tip held just these transactions. */
  gave(wtxids: readonly Buffer[]): boolean {
    return this.#given.has(listOf(wtxids));
  }

  /**
   * The answer to submitblock: null when it became the tip, else why not. Throws RangeError on what is no block.
   * @param others whose templates may be followed besides
   */
  submit(hex: string, others: readonly NodeChain[] = []): string | null {
    const block = readBlock(Buffer.from(hex, 'hex'));
    const hash = printed(block.hash);
    if (this.#blocks.some((known) => known.hash === hash)) return 'duplicate';
    if (this.#invalid.has(hash)) return 'duplicate-invalid';
    const previous = printed(block.previous);
    if (!this.#blocks.some((known) => known.hash === previous)) return 'prev-blk-not-found';
    // It stands beside the chain, where nobody looks at its transactions.
    if (previous !== this.tip.hash) return 'inconclusive';
    const fees = new Map(this.#waiting.map(({ wtxid, fee }) => [wtxid.toString('hex'), fee]));
    const problem = blockProblem(block, {
      height: this.tip.height + 1,
      bits: this.#nextBits,
      medianTime: this.#medianTime(),
      nowSeconds: this.#nowSeconds(),
      subsidy: this.#subsidy(),
      feeOf: (wtxid) => fees.get(wtxid),
    });
    if (problem !== undefined) {
      // What its hash does not name may have been spoiled on the way: the block itself can still be good.
      if (!MUTABLE.has(problem)) this.#invalid.add(hash);
      return problem;
    }
    const wtxids = block.transactions.slice(1).map(({ wtxid }) => wtxid);
    if (![this, ...others].some((chain) => chain.gave(wtxids))) return NOT_A_TEMPLATE;
    this.#connect({ hash, height: this.tip.height + 1, time: block.time, hex, block });
    return null;
  }

  /** A block that was found and checked elsewhere. */
  relay(block: ChainBlock): void {
    if (block.height === this.tip.height + 1) this.#connect(block);
  }

  /** The next block, found by somebody else, with nothing in it that anybody can look into. */
  foreignBlock(): ChainBlock {
    const hash = printed(hash256(this.#random.bytes(32)));
    const block = { hash, height: this.tip.height + 1, time: Math.max(this.#nowSeconds(), this.#medianTime() + 1) };
    const foreign = { ...block, hex: '', block: undefined };
    this.#connect(foreign);
    return foreign;
  }

  #connect(block: ChainBlock): void {
    const mined = new Set(block.block?.transactions.map(({ wtxid }) => wtxid.toString('hex')));
    this.#waiting = this.#waiting.filter(({ wtxid }) => !mined.has(wtxid.toString('hex')));
    this.#blocks.push(block);
    this.#given.clear();
    this.#changes++;
  }

  #subsidy(): bigint {
    return 5_000_000_000n >> BigInt(Math.floor((this.tip.height + 1) / HALVING_BLOCKS));
  }

  #medianTime(): number {
    const times = this.#blocks.slice(-11).map(({ time }) => time).sort((a, b) => a - b); // prettier-ignore
    return times[Math.floor(times.length / 2)]!;
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowUs() / MICROS_PER_SECOND);
  }
}

function printed(hash: Buffer): string {
  return Buffer.from(hash).reverse().toString('hex');
}

function listOf(wtxids: readonly Buffer[]): string {
  return Buffer.concat(wtxids).toString('hex');
}

// Makes well-formed bitcoin-style jobs for pure tracking, where no node or upstream pool gives work. Blocks found on them are
// worth nothing, so the coinbase pays nobody: its one output is an unspendable note. Deterministic: the same seed and the same
// calls give the same jobs. Invariant: with any extranonces between its halves the coinbase is a valid transaction.
import { Random } from '@assay/kernel';
import type { Algorithm } from './algorithm.ts';
import { coinbaseHalves, JOB_NONCE_BYTES, type CoinbaseHalves } from './coinbase.ts';
import { MAX_MERKLE_BRANCHES, type JobTemplate } from './job.ts';

export interface LocalJobSettings {
  readonly algorithm: Algorithm;
  /** Any integer; two sources with different seeds make different jobs. */
  readonly seed: number;
  /** Merkle branches, 0 to 14: as in a block of up to 2^branches transactions. */
  readonly branches: number;
  /** Network target in compact form. */
  readonly nbits: number;
  /** Bytes of extranonce1 and extranonce2 together, at most 32. */
  readonly extranonceSize: number;
  /** Text in the coinbase that names the pool, at most 40 bytes. */
  readonly tag: string;
  /** Height of the first block; 900,000 by default. */
  readonly height?: number;
}

export interface LocalJobMaker {
  /** @param newBlock whether a new previous block is to be assumed: prevHash and height change, and older jobs are stale. */
  next(at: { readonly nowSeconds: number; readonly newBlock: boolean }): JobTemplate;
}

const LOCAL_VERSION = 0x20000000;
const NOTE = new TextEncoder().encode('assay tracking');
/** Nothing, to a script that is provably unspendable: OP_RETURN and a push. */
const NOBODY = { value: 0n, script: Uint8Array.of(0x6a, NOTE.length, ...NOTE) };

/** Throws RangeError when a setting is out of bounds. */
export function createLocalJobMaker(settings: LocalJobSettings): LocalJobMaker {
  const { algorithm, branches, extranonceSize, nbits, tag } = settings;
  if (!Number.isInteger(branches) || branches < 0 || branches > MAX_MERKLE_BRANCHES)
    throw new RangeError(`branches must be 0 to ${MAX_MERKLE_BRANCHES}, got ${branches}`);

  const random = new Random(settings.seed);
  const halves = (jobNonce: Uint8Array): CoinbaseHalves =>
    coinbaseHalves({ height, jobNonce, extranonceSize, tag, outputs: [NOBODY] });
  let height = settings.height ?? 900_000;
  // Made once for nothing, so that a bad setting is found here.
  halves(new Uint8Array(JOB_NONCE_BYTES));
  let prevHash = blockHash(random);
  return {
    next({ nowSeconds, newBlock }) {
      if (newBlock) {
        height++;
        prevHash = blockHash(random);
      }
      const { coinbase1, coinbase2 } = halves(random.bytes(JOB_NONCE_BYTES));
      return {
        algorithm,
        prevHash,
        coinbase1,
        coinbase2,
        merkleBranches: random.bytes(32 * branches),
        version: LOCAL_VERSION,
        nbits,
        ntime: nowSeconds >>> 0,
      };
    },
  };
}

/** A made-up hash of a previous block, with the zeroes of a real one at its end. */
function blockHash(random: Random): Uint8Array {
  return random.bytes(32).fill(0, 24);
}

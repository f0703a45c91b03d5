// A share as a miner finds it: from the lines it was sent, hashed by node:crypto alone. Shares no code with the pool.
import { createHash } from 'node:crypto';

/** What a miner knows of the work it was given, as it stood on the wire. */
export interface Work {
  readonly extranonce1: string;
  readonly extranonce2Size: number;
  readonly difficulty: number;
  /** The nine params of mining.notify. */
  readonly job: readonly unknown[];
}

export interface FoundShare {
  readonly jobId: string;
  readonly extranonce2: string;
  readonly ntime: string;
  readonly nonce: number;
}

/** Bitcoin's difficulty-1 target. */
const DIFFICULTY_ONE = 0xffffn << 208n;
const NONCES_PER_EXTRANONCE2 = 65_536;

const sha256d = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();

/**
 * Searches from `extranonce2` on, nonces from 0, so that nonces found are small.
 * @param version of the header; that of the job unless the miner rolls it
 */
export function findShare(work: Work, extranonce2: number, version?: number): FoundShare {
  const [jobId, prevHash, coinbase1, coinbase2, branches, jobVersion, nbits, ntime] = work.job as [
    string,
    string,
    string,
    string,
    string[],
    string,
    string,
    string,
  ];
  const target = (DIFFICULTY_ONE * 10n ** 10n) / BigInt(Math.round(work.difficulty * 1e10));
  const header = Buffer.alloc(80);
  header.writeUInt32LE(version ?? parseInt(jobVersion, 16), 0);
  Buffer.from(prevHash, 'hex').swap32().copy(header, 4);
  header.writeUInt32LE(parseInt(ntime, 16), 68);
  header.writeUInt32LE(parseInt(nbits, 16), 72);
  for (let roll = extranonce2; ; roll++) {
    const text = roll.toString(16).padStart(2 * work.extranonce2Size, '0');
    let root = sha256d(Buffer.from(coinbase1 + work.extranonce1 + text + coinbase2, 'hex'));
    for (const branch of branches) root = sha256d(Buffer.concat([root, Buffer.from(branch, 'hex')]));
    root.copy(header, 36);
    for (let nonce = 0; nonce < NONCES_PER_EXTRANONCE2; nonce++) {
      header.writeUInt32LE(nonce, 76);
      if (BigInt(`0x${Buffer.from(sha256d(header)).reverse().toString('hex')}`) <= target)
        return { jobId, extranonce2: text, ntime, nonce };
    }
  }
}

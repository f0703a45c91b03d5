// The miner's side of stratum V1, without a socket: what a cgminer-style miner knows, says and works on.
// It is written against the protocol documents and not against our gateway, so that the two check each other.
import { createHash } from 'node:crypto';
import { bytesFromHex, hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { targetFromDifficulty, type Algorithm } from '@assay/mining';

export interface MinerIdentity {
  readonly username: string;
  readonly password: string;
  readonly userAgent: string;
  readonly algorithm: Algorithm;
  /** Mask to ask for by mining.configure; 0 does not ask. */
  readonly versionMask: number;
}

interface PoolJob {
  readonly id: string;
  readonly prevHash: Uint8Array;
  readonly coinbase1: Uint8Array;
  readonly coinbase2: Uint8Array;
  readonly branches: readonly Uint8Array[];
  readonly version: number;
  readonly nbits: number;
  readonly ntime: number;
  readonly difficulty: number;
  readonly target: Uint8Array;
}

/** One extranonce2's worth of work: a header whose nonce (the last four bytes, little-endian) is still to be found. */
export interface Work {
  readonly jobId: string;
  readonly extranonce1: string;
  readonly extranonce2: string;
  readonly ntime: number;
  readonly versionBits: number;
  readonly difficulty: number;
  /** 32 bytes; a hash read as a little-endian integer must not be above it. */
  readonly target: Uint8Array;
  /** 80 bytes. */
  readonly header: Uint8Array;
}

/** A submit the pool has answered. */
export interface Answer {
  readonly work: Work;
  readonly nonce: number;
  readonly username: string;
  readonly accepted: boolean;
  /** Stratum error code and message when not accepted. */
  readonly error: string;
}

export type MinerNews =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'job'; readonly clean: boolean }
  | { readonly type: 'authorized'; readonly ok: boolean }
  | { readonly type: 'reconnect' };

export interface Reaction {
  readonly send: readonly string[];
  readonly news: readonly MinerNews[];
}

const FIRST_SUBMIT_ID = 100;
/** Answers a miner waits for at most; beyond it the pool is taken for dead and nothing more is submitted. */
const MAX_UNANSWERED = 1000;

export class MinerSession {
  readonly identity: MinerIdentity;
  #extranonce1 = '';
  #extranonce2Size = 0;
  #versionMask = 0;
  #difficulty = 1;
  #job: PoolJob | undefined;
  #extranonce2 = 0;
  #nextId = FIRST_SUBMIT_ID;
  readonly #unanswered = new Map<number, { work: Work; nonce: number }>();

  constructor(identity: MinerIdentity) {
    this.identity = identity;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** What to say when the connection opens. */
  open(): string[] {
    const { username, password, userAgent, versionMask } = this.identity;
    const lines: string[] = [];
    if (versionMask !== 0) {
      const options = { 'version-rolling.mask': hexFromUint32(versionMask), 'version-rolling.min-bit-count': 2 };
      lines.push(line(1, 'mining.configure', [['version-rolling'], options]));
    }
    lines.push(line(2, 'mining.subscribe', [userAgent]), line(3, 'mining.authorize', [username, password]));
    return lines;
  }

  /** Takes one line from the pool. Throws on what no pool may send: for a test that is a finding. */
  receive(text: string): Reaction {
    const message = JSON.parse(text) as {
      id?: unknown;
      method?: string;
      params?: unknown[];
      result?: unknown;
      error?: unknown;
    };
    if (typeof message.method === 'string') return this.#notified(message.method, message.params ?? [], message.id);
    return this.#answered(Number(message.id), message.result, message.error);
  }

  /** New work on the newest job; undefined until the pool has sent one. */
  work(): Work | undefined {
    const job = this.#job;
    if (!job || this.#extranonce1 === '') return undefined;
    const extranonce2 = (this.#extranonce2++)
      .toString(16)
      .padStart(this.#extranonce2Size * 2, '0')
      .slice(-this.#extranonce2Size * 2);
    // Rolls the lowest bits of the mask, so that the pool has to put them into the header.
    const versionBits =
      this.#versionMask === 0
        ? 0
        : ((this.#extranonce2 % 8) * (this.#versionMask & -this.#versionMask)) & this.#versionMask;
    const extranonces = bytesFromHex(this.#extranonce1 + extranonce2)!;
    let root = sha256d(Buffer.concat([job.coinbase1, extranonces, job.coinbase2]));
    for (const branch of job.branches) root = sha256d(Buffer.concat([root, branch]));
    const header = Buffer.alloc(80);
    header.writeUInt32LE(((job.version & ~this.#versionMask) | versionBits) >>> 0, 0);
    header.set(job.prevHash, 4);
    header.set(root, 36);
    header.writeUInt32LE(job.ntime, 68);
    header.writeUInt32LE(job.nbits, 72);
    const { id: jobId, ntime, difficulty, target } = job;
    return { jobId, extranonce1: this.#extranonce1, extranonce2, ntime, versionBits, difficulty, target, header };
  }

  /** The line that submits a nonce; undefined when too many submits are unanswered. */
  submit(work: Work, nonce: number): string | undefined {
    if (this.#unanswered.size >= MAX_UNANSWERED) return undefined;
    const id = this.#nextId++;
    this.#unanswered.set(id, { work, nonce });
    const params = [
      this.identity.username,
      work.jobId,
      work.extranonce2,
      hexFromUint32(work.ntime),
      hexFromUint32(nonce),
    ];
    if (this.#versionMask !== 0) params.push(hexFromUint32(work.versionBits));
    return line(id, 'mining.submit', params);
  }

  #answered(id: number, result: unknown, error: unknown): Reaction {
    if (id >= FIRST_SUBMIT_ID) {
      const submitted = this.#unanswered.get(id);
      if (!submitted) throw new Error(`the pool answered submit ${id} twice or unasked`);
      this.#unanswered.delete(id);
      const answer = {
        ...submitted,
        username: this.identity.username,
        accepted: result === true,
        error: result === true ? '' : JSON.stringify(error),
      };
      return { send: [], news: [{ type: 'answer', answer }] };
    }
    if (id === 1 && result && typeof result === 'object') {
      const granted = (result as Record<string, unknown>)['version-rolling.mask'];
      if (typeof granted === 'string') this.#versionMask = Number.parseInt(granted, 16) >>> 0;
    }
    if (id === 2) {
      const [, extranonce1, size] = result as [unknown, string, number];
      this.#extranonce1 = extranonce1;
      this.#extranonce2Size = size;
    }
    return { send: [], news: id === 3 ? [{ type: 'authorized', ok: result === true }] : [] };
  }

  #notified(method: string, params: unknown[], id: unknown): Reaction {
    switch (method) {
      case 'mining.set_difficulty':
        this.#difficulty = Number(params[0]);
        break;
      case 'mining.set_version_mask':
        this.#versionMask = (Number.parseInt(String(params[0]), 16) & this.identity.versionMask) >>> 0;
        break;
      case 'mining.set_extranonce':
        [this.#extranonce1, this.#extranonce2Size] = params as [string, number];
        break;
      case 'mining.notify':
        return this.#newJob(params);
      case 'client.reconnect':
        return { send: [], news: [{ type: 'reconnect' }] };
      case 'client.get_version':
        return { send: [JSON.stringify({ id, result: this.identity.userAgent, error: null }) + '\n'], news: [] };
      case 'mining.ping':
        return { send: [JSON.stringify({ id, result: 'pong', error: null }) + '\n'], news: [] };
      default:
        break; // A miner ignores what it does not know.
    }
    return { send: [], news: [] };
  }

  #newJob(params: unknown[]): Reaction {
    const [id, prevHash, coinbase1, coinbase2, branches, version, nbits, ntime, clean] = params as [
      string,
      string,
      string,
      string,
      string[],
      string,
      string,
      string,
      boolean,
    ];
    this.#job = {
      id,
      prevHash: swapWords(bytesFromHex(prevHash)!),
      coinbase1: bytesFromHex(coinbase1)!,
      coinbase2: bytesFromHex(coinbase2)!,
      branches: branches.map((branch) => bytesFromHex(branch)!),
      version: Number.parseInt(version, 16),
      nbits: Number.parseInt(nbits, 16),
      ntime: Number.parseInt(ntime, 16),
      difficulty: this.#difficulty,
      target: targetFromDifficulty(this.#difficulty, this.identity.algorithm),
    };
    return { send: [], news: [{ type: 'job', clean }] };
  }
}

function line(id: number, method: string, params: unknown[]): string {
  return JSON.stringify({ id, method, params }) + '\n';
}

function sha256d(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

/** Stratum sends the previous hash as eight 32-bit words, each byte-swapped from header order. */
function swapWords(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes).swap32();
}

/** Names a share uniquely: what was acknowledged on the wire and what stands in ClickHouse are compared by it. */
export function shareIdentity(username: string, work: Work, nonce: number): string {
  return [
    username,
    work.extranonce1,
    work.extranonce2,
    hexFromUint32(work.ntime),
    hexFromUint32(nonce),
    hexFromBytes(work.header.subarray(0, 4)),
  ].join('|');
}

// What a pool says to us as its client, read from JSON that nobody vouches for: jobs, difficulties, extranonces, answers.
// Invariant: every reader gives a value within its stated bounds or a short reason why not, from a fixed set, and never throws.
import { bytesFromHex } from '@assay/kernel';
import {
  MAX_COINBASE_BYTES,
  MAX_DIFFICULTY,
  MAX_EXTRANONCE_BYTES,
  MAX_MERKLE_BRANCHES,
  MIN_DIFFICULTY,
  targetFromNbits,
} from '@assay/mining';

/** Why something a pool said could not be used. */
export type PoolProblem =
  | 'line too long'
  | 'not a message'
  | 'answer to nothing'
  | 'bad job'
  | 'bad job id'
  | 'oversized coinbase'
  | 'too many branches'
  | 'bad difficulty'
  | 'bad extranonce'
  | 'bad version mask'
  | 'bad redirect'
  | 'refused redirect';

/** Work as a pool announced it. Bytes are in header byte order. */
export interface PoolNotify {
  /** The pool's id as JSON: a string, or a number of a pool that says so. It is sent back as it came. */
  readonly idJson: string;
  /** The same as text. */
  readonly id: string;
  readonly prevHash: Uint8Array;
  readonly coinbase1: Uint8Array;
  readonly coinbase2: Uint8Array;
  readonly merkleBranches: Uint8Array;
  readonly version: number;
  readonly nbits: number;
  readonly ntime: number;
  readonly cleanJobs: boolean;
}

/** The room a pool leaves us in its coinbase. */
export interface PoolExtranonce {
  readonly extranonce1: Uint8Array;
  readonly extranonce2Bytes: number;
}

export interface PoolSubscription extends PoolExtranonce {
  /** With which the session may be taken up again; '' when the pool names none. */
  readonly sessionId: string;
}

const MAX_JOB_ID_LENGTH = 256;
const MAX_SESSION_ID_LENGTH = 256;
const MAX_TEXT_LENGTH = 200;

/** [job id, previous hash, coinbase1, coinbase2, branches, version, nbits, ntime, clean jobs]; what is left out at the end is taken as clean. */
export function readNotify(params: readonly unknown[]): PoolNotify | PoolProblem {
  const [id, prevHashHex, coinbase1Hex, coinbase2Hex, branches, versionHex, nbitsHex, ntimeHex, clean] = params;
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return 'bad job id';
  if (String(id).length > MAX_JOB_ID_LENGTH) return 'bad job id';
  const prevHash = bytesOf(prevHashHex);
  const coinbase1 = bytesOf(coinbase1Hex);
  const coinbase2 = bytesOf(coinbase2Hex);
  if (prevHash?.length !== 32 || coinbase1 === undefined || coinbase2 === undefined) return 'bad job';
  // Both extranonces stand between the halves, and the whole must fit where jobs are kept.
  if (coinbase1.length + coinbase2.length + 2 * MAX_EXTRANONCE_BYTES > MAX_COINBASE_BYTES) return 'oversized coinbase';
  if (!Array.isArray(branches)) return 'bad job';
  if (branches.length > MAX_MERKLE_BRANCHES) return 'too many branches';
  const merkleBranches = new Uint8Array(32 * branches.length);
  for (let i = 0; i < branches.length; i++) {
    const branch = bytesOf(branches[i]);
    if (branch?.length !== 32) return 'bad job';
    merkleBranches.set(branch, 32 * i);
  }
  const version = uint32Of(versionHex);
  const nbits = uint32Of(nbitsHex);
  const ntime = uint32Of(ntimeHex);
  if (version === undefined || nbits === undefined || ntime === undefined) return 'bad job';
  if (targetFromNbits(nbits) === undefined) return 'bad job';
  return {
    idJson: JSON.stringify(id),
    id: String(id),
    // Stratum sends it as eight words with the bytes of each reversed.
    prevHash: prevHash.map((_, at) => prevHash[at ^ 3]!),
    coinbase1,
    coinbase2,
    merkleBranches,
    version,
    nbits,
    ntime,
    cleanJobs: clean !== false,
  };
}

/** A number, or text that is one. Undefined for 0, NaN, negatives, and what no machine could be given. */
export function readDifficulty(params: readonly unknown[]): number | undefined {
  const [given] = params;
  const difficulty = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof difficulty !== 'number') return undefined;
  return difficulty >= MIN_DIFFICULTY && difficulty <= MAX_DIFFICULTY ? difficulty : undefined;
}

/** [extranonce1, bytes of extranonce2]. An extranonce1 may be empty; an extranonce2 of no bytes leaves no room for us. */
export function readExtranonce(params: readonly unknown[]): PoolExtranonce | undefined {
  const [hex, bytes] = params;
  const extranonce1 = bytesOf(hex);
  const extranonce2Bytes = typeof bytes === 'string' ? Number(bytes) : bytes;
  if (extranonce1 === undefined || extranonce1.length > MAX_EXTRANONCE_BYTES) return undefined;
  if (typeof extranonce2Bytes !== 'number' || !Number.isInteger(extranonce2Bytes)) return undefined;
  if (extranonce2Bytes < 1 || extranonce2Bytes > MAX_EXTRANONCE_BYTES) return undefined;
  return { extranonce1, extranonce2Bytes };
}

/** The result of mining.subscribe: pairs of method and subscription id, or one such pair, or nothing; then the extranonce. */
export function readSubscription(result: unknown): PoolSubscription | undefined {
  if (!Array.isArray(result)) return undefined;
  const [subscriptions, ...room] = result as unknown[];
  const extranonce = readExtranonce(room);
  return extranonce === undefined ? undefined : { ...extranonce, sessionId: sessionIdOf(subscriptions) };
}

/** The mask that a result of mining.configure grants; 0 where version rolling is refused or not understood. */
export function readGrantedMask(result: unknown): number {
  if (typeof result !== 'object' || result === null) return 0;
  const { 'version-rolling': granted, 'version-rolling.mask': mask } = result as Record<string, unknown>;
  return granted === true ? (uint32Of(mask) ?? 0) : 0;
}

/** Undefined when it is none. */
export function readMask(params: readonly unknown[]): number | undefined {
  return uint32Of(params[0]);
}

/** Whether a submit or an authorize was granted, and the reason where not, with the code in front. */
export function readVerdict(result: unknown, error: unknown): { readonly accepted: boolean; readonly reason: string } {
  const failed = error !== null && error !== undefined && error !== false;
  if (result === true && !failed) return { accepted: true, reason: '' };
  if (!failed) return { accepted: false, reason: 'refused without a reason' };
  return { accepted: false, reason: errorText(error) || 'refused without a reason' };
}

/** Error arrays [code, message, ...], objects { code, message } and plain strings all occur. */
function errorText(error: unknown): string {
  if (Array.isArray(error)) return joined(error[0], error[1]);
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return joined(code, message);
  }
  return plainText(error);
}

function joined(code: unknown, message: unknown): string {
  return plainText([plainText(code), plainText(message)].filter((part) => part !== '').join(' '));
}

/** What a pool wrote, fit for a log: printable, on one line and short. */
export function plainText(text: unknown): string {
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  return String(text)
    .slice(0, MAX_TEXT_LENGTH)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
}

function sessionIdOf(subscriptions: unknown): string {
  if (!Array.isArray(subscriptions)) return '';
  const pairs = (Array.isArray(subscriptions[0]) ? subscriptions : [subscriptions]) as unknown[];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair[0] !== 'mining.notify') continue;
    const id: unknown = pair[1];
    if (typeof id === 'string' && id.length <= MAX_SESSION_ID_LENGTH) return id;
  }
  return '';
}

function bytesOf(hex: unknown): Uint8Array | undefined {
  return typeof hex === 'string' ? bytesFromHex(hex) : undefined;
}

function uint32Of(hex: unknown): number | undefined {
  return typeof hex === 'string' && /^[0-9a-f]{1,8}$/i.test(hex) ? parseInt(hex, 16) : undefined;
}

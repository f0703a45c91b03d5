// A node's answer to getblocktemplate, checked field by field (BIP22, BIP23, BIP145; Bitcoin Core and Litecoin Core). Nothing in it is
// taken on trust that would make a worthless block: what cannot be read is refused with the name of the field.
import { MAX_MERKLE_BRANCHES } from './job.ts';
import { targetFromNbits } from './nbits.ts';

export interface TemplateTransaction {
  /** The transaction with its witness, hex. */
  readonly data: string;
  /** Without witness, in hashed byte order. */
  readonly txid: Uint8Array;
  /** With witness, in hashed byte order. */
  readonly wtxid: Uint8Array;
  /** In the coin's smallest unit; undefined where the node does not say. */
  readonly fee: bigint | undefined;
  /** Weight units (BIP141). */
  readonly weight: number;
}

export interface BlockTemplate {
  readonly height: number;
  readonly version: number;
  /** Version bits that must stay set. */
  readonly requiredVersionBits: number;
  /** Header byte order. */
  readonly prevHash: Uint8Array;
  readonly nbits: number;
  /** UNIX seconds: the node's time, not before the earliest time that the block may have. */
  readonly ntime: number;
  /** Subsidy and fees, in the coin's smallest unit. */
  readonly coinbaseValue: bigint;
  /** What the node wants to have in the coinbase's script. */
  readonly coinbaseAux: Uint8Array;
  /** In block order, without the coinbase. */
  readonly transactions: readonly TemplateTransaction[];
  /** Script of the output that commits to the witnesses; undefined before segwit. */
  readonly witnessCommitment: Uint8Array | undefined;
  /** Litecoin's extension block, hex. */
  readonly mweb: string | undefined;
  /** Most weight a block may have; undefined where the node does not say. */
  readonly weightLimit: number | undefined;
  /** For a request that is answered when there is something new. */
  readonly longPollId: string | undefined;
}

/** A template that cannot be used. `field` is where in it; the message says what was expected. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code = 'bad_template';
  readonly field: string;
  constructor(field: string, expected: string) {
    super(`the block template's ${field} ${expected}`);
    this.field = field;
  }
}

/** Rules a miner must understand stand in a template with an exclamation mark. */
const KNOWN_RULES = new Set(['segwit', 'mweb', 'taproot', 'csv']);
const MAX_TRANSACTIONS = 2 ** MAX_MERKLE_BRANCHES - 1;
const UINT32 = 0xffffffff;
/** More units than any coin has: 21 million times 10^8, and Litecoin's four times as many. */
const MAX_VALUE = 84_000_000 * 100_000_000;

type Fields = Readonly<Record<string, unknown>>;

/** Throws TemplateError. */
export function parseBlockTemplate(answer: unknown): BlockTemplate {
  if (!isFields(answer)) throw new TemplateError('answer', 'must be an object');
  checkRules(answer['rules']);
  const nbitsHex = answer['bits'];
  if (typeof nbitsHex !== 'string' || !/^[0-9a-f]{8}$/i.test(nbitsHex))
    throw new TemplateError('bits', 'must be eight hex digits');
  const nbits = parseInt(nbitsHex, 16);
  if (targetFromNbits(nbits) === undefined) throw new TemplateError('bits', `is no target: ${nbitsHex}`);

  const transactions = answer['transactions'];
  if (!Array.isArray(transactions) || transactions.length > MAX_TRANSACTIONS)
    throw new TemplateError('transactions', `must be a list of at most ${MAX_TRANSACTIONS}`);
  const mweb = optional(answer, 'mweb', text);
  if (mweb !== undefined && !isHex(mweb)) throw new TemplateError('mweb', 'must be hex');
  if (mweb !== undefined && transactions.length === 0)
    throw new TemplateError('mweb', 'is there without the transaction that carries it');
  const minTime = optional(answer, 'mintime', whole(UINT32)) ?? 0;
  return {
    height: whole(0x7fffffff)(answer, 'height'),
    // Core prints it as a signed integer.
    version: signed32(answer, 'version') >>> 0,
    requiredVersionBits: (optional(answer, 'vbrequired', signed32) ?? 0) >>> 0,
    prevHash: hash(answer, 'previousblockhash'),
    nbits,
    ntime: Math.max(whole(UINT32)(answer, 'curtime'), minTime),
    coinbaseValue: BigInt(whole(MAX_VALUE)(answer, 'coinbasevalue')),
    coinbaseAux: auxBytes(answer['coinbaseaux']),
    transactions: transactions.map((entry, i) => transaction(entry, `transactions.${i}`)),
    witnessCommitment: optional(answer, 'default_witness_commitment', hexBytes),
    mweb,
    weightLimit: optional(answer, 'weightlimit', whole(UINT32)),
    longPollId: optional(answer, 'longpollid', text),
  };
}

function transaction(entry: unknown, at: string): TemplateTransaction {
  if (!isFields(entry)) throw new TemplateError(at, 'must be an object');
  const data = text(entry, 'data', at);
  if (data === '' || !isHex(data)) throw new TemplateError(`${at}.data`, 'must be hex');
  const wtxid = hash(entry, 'hash', at);
  const fee = optional(entry, 'fee', whole(MAX_VALUE), at);
  return {
    data,
    // A node from before segwit has one hash for both.
    txid: optional(entry, 'txid', hash, at) ?? wtxid,
    wtxid,
    fee: fee === undefined ? undefined : BigInt(fee),
    weight: optional(entry, 'weight', whole(UINT32), at) ?? 2 * data.length,
  };
}

function checkRules(rules: unknown): void {
  if (rules === undefined) return;
  if (!Array.isArray(rules) || rules.some((rule) => typeof rule !== 'string'))
    throw new TemplateError('rules', 'must be a list of names');
  const unknown = (rules as string[]).find((rule) => rule.startsWith('!') && !KNOWN_RULES.has(rule.slice(1)));
  if (unknown !== undefined)
    throw new TemplateError('rules', `hold ${unknown}, which must be understood and is not known`);
}

/** The values of coinbaseaux, in order: bytes as they are to stand in the script. */
function auxBytes(aux: unknown): Uint8Array {
  if (aux === undefined) return new Uint8Array(0);
  if (!isFields(aux)) throw new TemplateError('coinbaseaux', 'must be an object');
  return new Uint8Array(Buffer.concat(Object.keys(aux).map((key) => hexBytes(aux, key, 'coinbaseaux'))));
}

type Reader<T> = (fields: Fields, name: string, at?: string) => T;

const nameOf = (name: string, at?: string): string => (at === undefined ? name : `${at}.${name}`);

function optional<T>(fields: Fields, name: string, read: Reader<T>, at?: string): T | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : read(fields, name, at);
}

function whole(most: number): Reader<number> {
  return (fields, name, at) => {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
      throw new TemplateError(nameOf(name, at), `must be a whole number of at most ${most}`);
    return value;
  };
}

const signed32: Reader<number> = (fields, name, at) => {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -0x80000000 || value > UINT32)
    throw new TemplateError(nameOf(name, at), 'must be a whole number of 32 bits');
  return value;
};

const text: Reader<string> = (fields, name, at) => {
  const value = fields[name];
  if (typeof value !== 'string') throw new TemplateError(nameOf(name, at), 'must be a string');
  return value;
};

const hexBytes: Reader<Uint8Array> = (fields, name, at) => {
  const hex = text(fields, name, at);
  const bytes = decoded(hex);
  if (2 * bytes.length !== hex.length) throw new TemplateError(nameOf(name, at), 'must be hex');
  return bytes;
};

/** Nodes print hashes with their bytes reversed. */
const hash: Reader<Uint8Array> = (fields, name, at) => {
  const bytes = hexBytes(fields, name, at);
  if (bytes.length !== 32) throw new TemplateError(nameOf(name, at), 'must be 64 hex digits');
  return bytes.reverse();
};

/** Up to the first digit that is none. By the platform's own decoder: a full block's template is megabytes of hex, read on the gateway's thread. */
function decoded(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function isHex(value: string): boolean {
  return 2 * Buffer.from(value, 'hex').length === value.length;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

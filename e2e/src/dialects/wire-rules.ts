// What every line of a pool must keep to, whichever firmware reads it: held while any script is played. Each rule is here because some
// firmware breaks on its breach.
import type { Heard } from './firmware.ts';

/** By name, why. */
export const RULES = {
  json: 'a line is one JSON object with an id, null in a notification',
  'whole errors': 'an error is [code, message, null]: cpuminer and cgminer read the message at 1',
  'whole jobs':
    'mining.notify has nine params, its hex of full length: cpuminer refuses any other (util.c, stratum_notify)',
  'short lines': 'a line has less than 4096 characters: NerdMiner holds no more (stratum.h, BUFFER_JSON_DOC)',
  'whole difficulties': 'a difficulty of 1 or more has no fraction: ESP-Miner reads it as uint32',
  'job ids':
    'a job id never stands for two pieces of work: NiceHash and MiningRigRentals drop what they believe to have',
  'own space': 'no two connections have the same extranonce1: they would find the same shares',
  'extranonce2 of 2 to 8': 'cgminer refuses less than 2 bytes (util.c, initiate_stratum) and loses shares beyond 8',
} as const;
export type Rule = keyof typeof RULES;

const LONGEST_LINE = 4096;
const word = /^[0-9a-f]{8}$/i;
const hash = /^[0-9a-f]{64}$/i;
const bytes = /^([0-9a-f]{2})+$/i;

export class WireRules {
  /** Rules a line broke, with the first such line. */
  readonly broken = new Map<Rule, string>();
  readonly #work = new Map<string, string>();
  readonly #spaces = new Map<string, object>();

  /** @param connection whose line it is; closed ones are told by `closed` */
  hear(connection: object, heard: Heard): void {
    const { raw, method, params, result, error } = heard;
    this.#hold('json', raw, 'id' in heard && (method === undefined || heard.id === null));
    this.#hold('short lines', raw, raw.length < LONGEST_LINE);
    if (method === undefined) this.#hold('whole errors', raw, error === null || isWholeError(error));
    if (method === 'mining.set_difficulty')
      this.#hold('whole difficulties', raw, isWholeDifficulty((params as readonly unknown[] | undefined)?.[0]));
    if (method === 'mining.notify') {
      this.#hold('whole jobs', raw, isWholeJob(params));
      const [id, ...rest] = params as readonly unknown[];
      // The same job may come again with a later time and another clean_jobs.
      const work = JSON.stringify(rest.slice(0, 6));
      const before = this.#work.get(String(id));
      this.#hold('job ids', raw, before === undefined || before === work);
      this.#work.set(String(id), work);
    }
    if (method === undefined && isSubscription(result)) {
      const [, extranonce1, size] = result;
      const owner = this.#spaces.get(extranonce1);
      this.#hold('own space', raw, owner === undefined || owner === connection);
      this.#hold('extranonce2 of 2 to 8', raw, Number.isInteger(size) && size >= 2 && size <= 8);
      this.#spaces.set(extranonce1, connection);
    }
  }

  /** What it had may be given to another. */
  closed(connection: object): void {
    for (const [extranonce1, owner] of this.#spaces) if (owner === connection) this.#spaces.delete(extranonce1);
  }

  #hold(rule: Rule, line: string, kept: boolean): void {
    if (!kept && !this.broken.has(rule)) this.broken.set(rule, line);
  }
}

function isWholeError(error: unknown): boolean {
  return (
    Array.isArray(error) &&
    error.length === 3 &&
    Number.isInteger(error[0]) &&
    typeof error[1] === 'string' &&
    /^[\x20-\x7e]{3,}$/.test(error[1]) &&
    error[2] === null
  );
}

function isWholeDifficulty(difficulty: unknown): boolean {
  return typeof difficulty === 'number' && difficulty > 0 && (difficulty < 1 || Number.isInteger(difficulty));
}

function isWholeJob(params: unknown): boolean {
  if (!Array.isArray(params) || params.length !== 9) return false;
  const [id, prevHash, coinbase1, coinbase2, branches, version, nbits, ntime, clean] = params as unknown[];
  const is = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value);
  return (
    is(/^.{1,64}$/, id) &&
    is(hash, prevHash) &&
    is(bytes, coinbase1) &&
    is(bytes, coinbase2) &&
    Array.isArray(branches) &&
    branches.length <= 32 &&
    branches.every((branch) => is(hash, branch)) &&
    [version, nbits, ntime].every((value) => is(word, value)) &&
    typeof clean === 'boolean'
  );
}

function isSubscription(result: unknown): result is [unknown, string, number] {
  return Array.isArray(result) && result.length === 3 && Array.isArray(result[0]) && typeof result[1] === 'string';
}

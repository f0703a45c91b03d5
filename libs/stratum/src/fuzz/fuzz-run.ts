// Runs the fuzz targets: real messages of miners, mutated by a seeded generator, so that a failure replays from its seed.
import { readFileSync, readdirSync } from 'node:fs';
import { Random } from '@assay/kernel';
import { fuzzOne as codec } from './message-codec.fuzz.ts';
import { fuzzOne as framer } from './line-framer.fuzz.ts';
import { fuzzOne as session } from './session.fuzz.ts';

export const FUZZ_TARGETS: Readonly<Record<string, (data: Uint8Array) => void>> = {
  'line-framer': framer,
  'message-codec': codec,
  session,
};

/** An input that broke a target. The message holds what is needed to replay it. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
  readonly input: Uint8Array;
  constructor(target: string, seed: number, index: number, input: Uint8Array, cause: unknown) {
    const text = JSON.stringify(Buffer.from(input).toString('latin1'));
    super(`${target}, seed ${seed}, case ${index}: ${String(cause)}\ninput: ${text}`, { cause });
    this.input = input;
  }
}

/** Runs one target on `cases` mutated inputs; throws FuzzFailure at the first that breaks it. */
export function fuzz(target: string, cases: number, seed: number): void {
  const one = FUZZ_TARGETS[target];
  if (one === undefined)
    throw new RangeError(`no fuzz target ${target}; there are ${Object.keys(FUZZ_TARGETS).join(', ')}`);
  const corpus = readCorpus();
  const random = new Random(seed);
  for (let index = 0; index < cases; index++) {
    const input = mutated(corpus, random);
    try {
      one(input);
    } catch (cause) {
      throw new FuzzFailure(target, seed, index, input, cause);
    }
  }
}

/** The messages under testdata/corpus, one a line. */
export function readCorpus(): Uint8Array[] {
  const directory = new URL('../../testdata/corpus/', import.meta.url);
  return readdirSync(directory)
    .sort()
    .flatMap((name) => readFileSync(new URL(name, directory), 'latin1').split('\n'))
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'latin1'));
}

/** What breaks parsers: structure, numbers at their edges, broken text, words of the protocol. */
const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ':',
  ',',
  '\n',
  '\r\n',
  '\0',
  'null',
  'true',
  '-1',
  '1e999',
  '0x',
  '4294967296',
  '\\u0000',
  '\\ud800',
  '\xff\xfe',
  '"id":',
  '"params":[',
  '"method":"mining.submit"',
  'ffffffff',
  '00000100',
  ' ',
].map((token) => Buffer.from(token, 'latin1'));

const MAX_INPUT_BYTES = 8192;

function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  // Several messages in a row, since sessions have a past; often whole, since broken ones go no deeper than the parser.
  const lines: Uint8Array[] = [];
  for (let left = 1 + random.below(6); left > 0; left--) lines.push(random.pick(corpus), Buffer.from('\n'));
  let bytes: Uint8Array = Buffer.concat(lines);
  for (let left = random.below(7); left > 0; left--) bytes = mutation(bytes, corpus, random);
  return bytes.subarray(0, MAX_INPUT_BYTES);
}

function mutation(bytes: Uint8Array, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const head = bytes.subarray(0, at);
  switch (random.below(6)) {
    case 0: {
      const changed = Buffer.from(bytes);
      if (at < changed.length) changed[at]! ^= 1 << random.below(8);
      return changed;
    }
    case 1:
      return Buffer.concat([head, random.bytes(1 + random.below(4)), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([head, bytes.subarray(Math.min(bytes.length, at + 1 + random.below(16)))]);
    case 3:
      return Buffer.concat([head, random.pick(TOKENS), bytes.subarray(at)]);
    case 4: {
      const other = random.pick(corpus);
      return Buffer.concat([head, other.subarray(random.below(other.length)), bytes.subarray(at)]);
    }
    default: {
      const piece = bytes.subarray(at, at + random.below(64));
      return Buffer.concat([head, ...new Array<Uint8Array>(1 + random.below(8)).fill(piece), bytes.subarray(at)]);
    }
  }
}

// What is fuzzed, and from what: a function that takes any bytes and throws when something is wrong, and where its inputs start from.
import { readFileSync, readdirSync } from 'node:fs';

export interface FuzzTarget {
  /** Directories of seeds. */
  readonly seeds: readonly URL[];
  /** Where inputs that broke it are kept. */
  readonly found: URL;
  /** Words put in anywhere: what breaks this kind of input. */
  readonly tokens: readonly Uint8Array[];
  /** Seeds in one input, at most: a state machine has a past. Each ends with a line feed where there may be several. */
  readonly pieces: number;
  /** Of a run's cases, how many are this one's in proportion to the others'. */
  readonly weight: number;
  one(data: Uint8Array): void;
}

/** Where the corpus of this package is. */
export const corpus = (directory: string): URL => new URL(`../../testdata/fuzz-corpus/${directory}/`, import.meta.url);

export function bytesOf(...words: string[]): Uint8Array[] {
  return words.map((word) => Buffer.from(word, 'latin1'));
}

/** Every seed, always in the same order. */
export function readSeeds({ seeds }: FuzzTarget): Uint8Array[] {
  return seeds.flatMap((directory) =>
    readdirSync(directory)
      .sort()
      .flatMap((name) =>
        readFileSync(new URL(name, directory), 'latin1')
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => Buffer.from(line, name.endsWith('.hex') ? 'hex' : 'latin1')),
      ),
  );
}

/** Inputs that broke the target once, by file name. */
export function readFound(name: string, { found }: FuzzTarget): Map<string, Uint8Array> {
  const files = readdirSync(found).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.bin'));
  return new Map(files.sort().map((file) => [file, readFileSync(new URL(file, found))]));
}

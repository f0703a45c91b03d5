// Runs a fuzz target on inputs made by a seeded generator, so that a failure replays from its seed.
import { Random } from '@assay/kernel';
import { readSeeds, type FuzzTarget } from './fuzz-target.ts';
import { minimized, mutated } from './mutation.ts';

/** An input that broke a target. The message holds what is needed to replay it. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
  /** As small as it could be made. */
  readonly input: Uint8Array;
  constructor(target: string, seed: number, index: number, input: Uint8Array, cause: unknown) {
    const text = JSON.stringify(Buffer.from(input).toString('latin1'));
    super(`${target}, seed ${seed}, case ${index}: ${String(cause)}\ninput: ${text}`, { cause });
    this.input = input;
  }
}

/** Runs a target on `cases` inputs; throws FuzzFailure at the first that breaks it. */
export function fuzz(name: string, target: FuzzTarget, cases: number, seed: number): void {
  const seeds = readSeeds(target);
  const random = new Random(seed);
  for (let index = 0; index < cases; index++) {
    const input = mutated(seeds, target, random);
    if (problemWith(target, input) === undefined) continue;
    const smallest = minimized(input, (shorter) => problemWith(target, shorter) !== undefined);
    throw new FuzzFailure(name, seed, index, smallest, problemWith(target, smallest));
  }
}

function problemWith(target: FuzzTarget, input: Uint8Array): unknown {
  try {
    target.one(input);
    return undefined;
  } catch (problem) {
    return problem ?? new Error('threw nothing');
  }
}

import { describe, expect, it } from 'vitest';
import { FUZZ_TARGETS, type FuzzFailure, bytesOf, fuzz, readFound, readSeeds, type FuzzTarget } from './index.ts';

describe.each(Object.entries(FUZZ_TARGETS))('%s', (name, target) => {
  it('takes 10,000 mutated inputs', () => fuzz(name, target, 10_000, 1));

  it('takes its seeds as they are', () => {
    const seeds = readSeeds(target);
    expect(seeds.length).toBeGreaterThan(15);
    for (const seed of seeds) target.one(seed);
  });

  it.each([...readFound(name, target)])('takes %s, which broke it once', (_, input) => target.one(input));
});

describe('a run', () => {
  const breaking = (one: FuzzTarget['one']): FuzzTarget => ({
    ...FUZZ_TARGETS['line-framer']!,
    one,
    tokens: bytesOf('x'),
  });

  it('names the input that breaks a target, as small as it can be, and replays from its seed', () => {
    const target = breaking((data) => {
      if (data.includes(0x7b)) throw new Error('broke');
    });
    const failed = (): FuzzFailure => {
      try {
        fuzz('framer', target, 1000, 9);
      } catch (error) {
        return error as FuzzFailure;
      }
      throw new Error('nothing was found');
    };
    expect(failed().message).toBe('framer, seed 9, case 0: Error: broke\ninput: "{"');
    expect(failed().input).toEqual(failed().input);
  });

  it('makes other inputs of another seed', () => {
    const inputsOf = (seed: number): string[] => {
      const inputs: string[] = [];
      fuzz(
        'any',
        breaking((data) => void inputs.push(Buffer.from(data).toString('latin1'))),
        20,
        seed,
      );
      return inputs;
    };
    expect(inputsOf(1)).toEqual(inputsOf(1));
    expect(inputsOf(1)).not.toEqual(inputsOf(2));
  });
});

import { describe, expect, it } from 'vitest';
import { FUZZ_TARGETS, FuzzFailure, fuzz, readCorpus } from './fuzz-run.ts';

describe('fuzz targets', () => {
  it.each(Object.keys(FUZZ_TARGETS))('%s takes 20,000 mutated inputs', (target) => {
    fuzz(target, 20_000, 1);
  });

  it('start from real messages', () => {
    expect(readCorpus().length).toBeGreaterThan(50);
  });

  it('name the input that breaks them', () => {
    const failure = new FuzzFailure('session', 9, 3, Buffer.from('{\xff', 'latin1'), new Error('broke'));
    expect(failure.message).toBe('session, seed 9, case 3: Error: broke\ninput: "{ÿ"');
    expect(() => fuzz('nothing', 1, 1)).toThrow('no fuzz target nothing');
  });
});

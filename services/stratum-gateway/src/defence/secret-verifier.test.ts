import { describe, expect, it } from 'vitest';
import { fastHash, slowHash } from '@assay/tenancy';
import { SecretVerifier } from './secret-verifier.ts';

describe('the verifier', () => {
  it('is slow only until it has seen the right secret', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    expect([verifier.needsCheck(hash), verifier.isRight(hash, 'right')]).toEqual([true, false]);
    expect(await verifier.check(hash, 'wrong')).toBe('done');
    expect([verifier.needsCheck(hash), verifier.isRight(hash, 'wrong')]).toEqual([true, false]);
    await verifier.check(hash, 'right');
    expect(verifier.needsCheck(hash)).toBe(false);
    expect([verifier.isRight(hash, 'right'), verifier.isRight(hash, 'wrong')]).toEqual([true, false]);
    const fast = fastHash('right');
    expect([verifier.needsCheck(fast), verifier.isRight(fast, 'right'), verifier.isRight(fast, 'x')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('lets a thousand wait, and no more', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    const checks = Array.from({ length: 1100 }, () => verifier.check(hash, 'right'));
    const outcomes = await Promise.all(checks);
    expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(76);
  });
});

import { describe, expect, it } from 'vitest';
import { fastHash, slowHash } from '@assay/tenancy';
import { TokenBucket } from '../miners/token-bucket.ts';
import { Misconduct } from './misconduct.ts';
import { SecretVerifier, type SecretGiver } from './secret-verifier.ts';
import { Source } from './sources.ts';

/** A connection from an address of its own. */
function giverAt(address: string): SecretGiver {
  const source = new Source(address, true, new TokenBucket(1, 0), new TokenBucket(1, 0), new Misconduct(0));
  return { source, closeReason: undefined };
}

const giver = giverAt('192.0.2.1');

describe('the verifier', () => {
  it('is slow only until it has seen the right secret', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    expect([verifier.needsCheck(hash), verifier.isRight(hash, 'right')]).toEqual([true, false]);
    expect(await verifier.check(hash, 'wrong', giver)).toBe('done');
    expect([verifier.needsCheck(hash), verifier.isRight(hash, 'wrong')]).toEqual([true, false]);
    await verifier.check(hash, 'right', giver);
    expect(verifier.needsCheck(hash)).toBe(false);
    expect([verifier.isRight(hash, 'right'), verifier.isRight(hash, 'wrong')]).toEqual([true, false]);
    const fast = fastHash('right');
    expect([verifier.needsCheck(fast), verifier.isRight(fast, 'right'), verifier.isRight(fast, 'x')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('serves addresses in turn, however many one of them asks for', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    const settled: string[] = [];
    const guesses = Array.from({ length: 5 }, (_, i) =>
      verifier.check(hash, `guess ${i}`, giver).then(() => settled.push('guess')),
    );
    await verifier.check(hash, 'right', giverAt('192.0.2.2'));
    // One was under check already, and then it was their address's turn.
    expect(settled).toEqual(['guess', 'guess']);
    expect(verifier.isRight(hash, 'right')).toBe(true);
    await Promise.all(guesses);
  });

  it('checks nothing for connections that are gone', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    expect(await verifier.check(hash, 'right', { ...giver, closeReason: 'closed' })).toBe('done');
    expect(verifier.needsCheck(hash)).toBe(true);
  });

  it('lets a thousand wait, and no more: sends away the last of the address that has most', async () => {
    const verifier = new SecretVerifier();
    const hash = slowHash('right');
    const crowd = Array.from({ length: 1100 }, () => verifier.check(hash, 'right', giver));
    const other = verifier.check(hash, 'right', giverAt('192.0.2.2'));
    const outcomes = await Promise.all(crowd);
    // One is under check at once, and one makes room for the other.
    expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(1100 - 1 - 1024 + 1);
    expect(outcomes.lastIndexOf('done')).toBe(1023);
    expect(await other).toBe('done');
  });
});

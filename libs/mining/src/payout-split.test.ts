import { expect, test } from 'vitest';
import fc from 'fast-check';
import { PARTS_PER_WHOLE, partsOfPercent, splitReward } from './payout-split.ts';

const script = Uint8Array.of(0x51);

test.each([
  [100, 1_000_000],
  [99.5, 995_000],
  [33.3333, 333_333],
  [0.0001, 1],
  [12.3456, 123_456],
])('%d percent is %d millionths', (percent, parts) => expect(partsOfPercent(percent)).toBe(parts));

test.each([0, -1, 100.0001, 0.00005, 33.33333, NaN, Infinity])('%d is no percentage', (percent) =>
  expect(partsOfPercent(percent)).toBeUndefined(),
);

test('what rounding leaves over goes to the first', () => {
  const split = [333_333, 333_333, 333_334].map((parts) => ({ script, parts }));
  expect(splitReward(100n, split).map(({ value }) => value)).toEqual([34n, 33n, 33n]);
  expect(splitReward(1n, split).map(({ value }) => value)).toEqual([1n, 0n, 0n]);
});

test('every split pays out all of the reward, and nobody gets less than his part rounded down', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }), weights, (reward, given) => {
      const sum = given.reduce((a, b) => a + b, 0);
      const parts = given.map((weight) => Math.max(1, Math.floor((weight / sum) * PARTS_PER_WHOLE * 0.9)));
      parts[0]! += PARTS_PER_WHOLE - parts.reduce((a, b) => a + b, 0);
      const outputs = splitReward(
        reward,
        parts.map((each) => ({ script, parts: each })),
      );
      expect(outputs.reduce((total, { value }) => total + value, 0n)).toBe(reward);
      outputs.forEach(({ value }, i) => {
        const share = (reward * BigInt(parts[i]!)) / BigInt(PARTS_PER_WHOLE);
        if (i > 0) expect(value).toBe(share);
        else expect(value).toBeGreaterThanOrEqual(share);
      });
    }),
  );
});

test('parts that do not add up are a bug', () => {
  expect(() => splitReward(1n, [{ script, parts: 999_999 }])).toThrow('add up to 999999');
});

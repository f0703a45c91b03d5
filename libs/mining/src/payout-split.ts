// Who gets which part of a block's reward. Invariant: the parts add up to the reward to the last unit, whatever the percentages.
import { assert } from '@assay/kernel';
import type { CoinbaseOutput } from './coinbase.ts';

/** A percentage has at most four decimals, so parts are counted in millionths. */
export const PARTS_PER_WHOLE = 1_000_000;
const PARTS_PER_PERCENT = PARTS_PER_WHOLE / 100;

export interface PayoutPart {
  readonly script: Uint8Array;
  /** Millionths of the reward; all parts of a split add up to PARTS_PER_WHOLE. */
  readonly parts: number;
}

/** A percentage in millionths of the whole, or undefined when it is none: 0.0001 to 100 with at most four decimals. */
export function partsOfPercent(percent: number): number | undefined {
  const parts = Math.round(percent * PARTS_PER_PERCENT);
  // A number such as 33.3333 is no exact double, and neither is its product: what counts is that nothing beyond the decimals was said.
  const exact = Math.abs(percent * PARTS_PER_PERCENT - parts) < 1e-6;
  return exact && parts >= 1 && parts <= PARTS_PER_WHOLE ? parts : undefined;
}

/** One output per part, each rounded down; what rounding leaves over goes to the first. */
export function splitReward(reward: bigint, split: readonly PayoutPart[]): CoinbaseOutput[] {
  const whole = split.reduce((sum, { parts }) => sum + parts, 0);
  assert(whole === PARTS_PER_WHOLE, `the parts of a split add up to ${whole} millionths`);
  const values = split.map(({ parts }) => (reward * BigInt(parts)) / BigInt(PARTS_PER_WHOLE));
  values[0]! += reward - values.reduce((sum, value) => sum + value, 0n);
  return split.map(({ script }, i) => ({ value: values[i]!, script }));
}

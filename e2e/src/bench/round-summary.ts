// What is said of rounds in which ours and the baseline took turns: medians, and the ratio taken within each round, so that a
// slow moment of the machine hits both and the median forgets the rest.

/** One turn of each. */
export interface Round {
  readonly ours: number;
  readonly baseline: number;
}

export interface RoundSummary {
  readonly value: number;
  readonly baselineValue: number;
  /** Median of the rounds' ratios, ours to the baseline's. */
  readonly ratio: number;
  /** Smallest and largest of them. */
  readonly spread: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @param rounds at least one. */
export function summarizeRounds(rounds: readonly Round[]): RoundSummary {
  const ratios = rounds.map(({ ours, baseline }) => ours / baseline);
  return {
    value: median(rounds.map(({ ours }) => ours)),
    baselineValue: median(rounds.map(({ baseline }) => baseline)),
    ratio: median(ratios),
    spread: `${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)} over ${rounds.length} rounds`,
  };
}

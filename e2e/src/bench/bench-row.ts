/** One figure of BENCHMARKS.md: what we measured, what we hold it against, measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** What the baseline is, in words. */
  readonly baseline: string;
  readonly baselineValue: number;
  /** The median over the rounds of ours to the baseline's, not the ratio of the medians. */
  readonly ratio: number;
  /** Smallest and largest ratio of a round. */
  readonly spread?: string;
}

// Why a detector says what it says, in numbers, and in a sentence for people.
import type { HashRate } from '@assay/rollup';

/** A rate below expectation. */
export interface RateEvidence {
  readonly kind: 'rate';
  /** The estimated change point: the first minute of the stretch that speaks most for a loss. */
  readonly sinceMinute: number;
  /** Last minute counted: the present one, or the last before the recovery. */
  readonly untilMinute: number;
  readonly expectedHashRateHs: number;
  /** `learned` from the worker's own past, where nothing is configured. */
  readonly expectation: 'configured' | 'learned';
  /** The rate since the change point with its 95 % Poisson interval, as if the change point had been known. */
  readonly observed: HashRate;
  /** Shares behind it, and as many as were expected. Of shares of several difficulties in one minute, as many as of the hardest. */
  readonly shares: number;
  readonly expectedShares: number;
  /** Hashes that are missing since the change point. */
  readonly missingHashes: number;
  /** The fraction of the expectation that the test which found it looks for. */
  readonly factor: number;
  /** Logarithm of how many times likelier the shares are at that fraction than at the expectation, when it was found. */
  readonly logLikelihoodRatio: number;
  /** How often a worker without a fault is found by chance, a year. */
  readonly falseAlarmsPerWorkerYear: number;
  /** True when shares that came late have shown the finding to be wrong. */
  readonly withdrawn: boolean;
}

/** No share for longer than plausible, or no connection. */
export interface SilenceEvidence {
  readonly kind: 'offline' | 'idle';
  readonly reason: 'disconnected' | 'no_shares';
  /** First minute without a share, or without a connection. */
  readonly sinceMinute: number;
  readonly silentSeconds: number;
  /** What was still plausible. */
  readonly plausibleSeconds: number;
}

export type Evidence = RateEvidence | SilenceEvidence;

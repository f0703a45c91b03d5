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
  /** Hashes that are missing since the change point; minutes that nobody handed in count as if they had been like the others. */
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

/** A rate over a window of fixed length below a bare threshold. */
export interface ThresholdEvidence {
  readonly kind: 'threshold';
  readonly sinceMinute: number;
  readonly untilMinute: number;
  readonly expectedHashRateHs: number;
  readonly observed: HashRate;
  readonly belowFraction: number;
}

/** More rejected shares than usual. */
export interface RejectedEvidence {
  readonly kind: 'rejected';
  readonly sinceMinute: number;
  readonly untilMinute: number;
  /** Rejected shares of the reasons that count, of all of them and the accepted ones. */
  readonly rejected: number;
  readonly shares: number;
  readonly fraction: number;
  /** 95 % interval of the fraction (Wilson 1927), as if the change point had been known. */
  readonly lowFraction: number;
  readonly highFraction: number;
  readonly baselineFraction: number;
  readonly logLikelihoodRatio: number;
  readonly falseAlarmsPerWorkerYear: number;
  readonly withdrawn: boolean;
}

/** Too many connections opened in a window. */
export interface FlappingEvidence {
  readonly kind: 'flapping';
  readonly sinceMinute: number;
  readonly untilMinute: number;
  readonly connects: number;
  readonly windowMinutes: number;
}

/** A latency above its limit, minute after minute. */
export interface LatencyEvidence {
  readonly kind: 'latency';
  readonly sinceMinute: number;
  readonly untilMinute: number;
  /** The last one above the limit. */
  readonly latencyMs: number;
  readonly limitMs: number;
}

export type Evidence =
  RateEvidence | SilenceEvidence | ThresholdEvidence | RejectedEvidence | FlappingEvidence | LatencyEvidence;

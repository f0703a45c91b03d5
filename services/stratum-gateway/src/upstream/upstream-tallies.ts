// Counts of what an upstream pool's endpoints did, read by its metrics.
import type { UpstreamVerdict } from '@assay/share-block';
import type { PoolProblem } from '@assay/stratum';
import { Histogram } from '../gateway-tallies.ts';

/** Upper bounds of the time to an answer, seconds. */
const ANSWER_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class EndpointTallies {
  /** Connections that brought work. */
  connects = 0;
  /** Connections that ended, or came to nothing. */
  losses = 0;
  jobs = 0;
  /** Shares passed on, each once however often it was sent. */
  forwarded = 0;
  /** Shares sent once more after a connection was lost. */
  resent = 0;
  /** Shares found a second time, which are not passed on again. */
  repeated = 0;
  readonly shares: Record<UpstreamVerdict, number> = { accepted: 0, rejected: 0, unanswered: 0, unsent: 0 };
  /** Rejected shares by stratum's error code, or 'other'. */
  readonly rejects = new Map<string, number>();
  readonly problems = new Map<PoolProblem, number>();
  redirects = 0;
  /** Names of workers that went under the base account: refused by the pool, or beyond the bound. */
  refusedAccounts = 0;
  /** From passing a share on to its answer. */
  readonly answers = new Histogram(ANSWER_BOUNDS);

  problem(problem: PoolProblem): void {
    this.problems.set(problem, (this.problems.get(problem) ?? 0) + 1);
  }

  rejected(reason: string): void {
    const code = /^2[0-7]\b/.exec(reason)?.[0] ?? 'other';
    this.rejects.set(code, (this.rejects.get(code) ?? 0) + 1);
  }
}

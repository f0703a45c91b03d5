// What is put on record about work that came from elsewhere, an upstream pool or a node of one's own: each job that was taken over,
// and each share that was passed on with what became of it there. Beside the shares themselves they answer whether the pool
// credited what was verified: `hash` is the same in both. They travel as JSON, one record of `upstream.shares` each: of the shares
// logged, few are passed on.

export type UpstreamVerdict =
  /** The pool, or the node, took it. */
  | 'accepted'
  /** It refused it and said why. */
  | 'rejected'
  /** It was sent, and no answer came before the connection was lost for good. */
  | 'unanswered'
  /** It could not be sent any more: the work it belongs to was gone with its connection. */
  | 'unsent';

interface UpstreamLeg {
  readonly gateway: string;
  /** Name of the job source. */
  readonly source: string;
  /** Which of its upstreams: `host:port`. */
  readonly endpoint: string;
  /** jobs.hash of the job as machines get it. */
  readonly jobHash: string;
  /** The upstream's own id of the job; '' for a node. */
  readonly upstreamJobId: string;
  /** Shares of the job that reach this difficulty are passed on. */
  readonly upstreamDifficulty: number;
}

export interface UpstreamJob extends UpstreamLeg {
  readonly type: 'job';
  /** When the gateway gave it out. */
  readonly atUs: number;
}

export interface UpstreamShare extends UpstreamLeg {
  readonly type: 'share';
  /** The block hash as shares.hash has it: 64 hex digits, zeros first. */
  readonly hash: string;
  readonly tenant: string;
  readonly worker: string;
  /** Under whose name it was passed on; '' for a node. */
  readonly account: string;
  /** When the gateway read it from the machine's socket; shares.submitted_at. */
  readonly submittedAtUs: number;
  /** When it was passed on last; 0 when it never was. */
  readonly sentAtUs: number;
  /** When the upstream's answer came; 0 when none did. */
  readonly answeredAtUs: number;
  /** How many times it was passed on: once, and again where a connection was lost in between. */
  readonly attempts: number;
  readonly verdict: UpstreamVerdict;
  /** The upstream's reason, '' when there is none. Stratum's error code stands in front: `23 Low difficulty share`. */
  readonly reason: string;
  /** The hash meets the network target: a block, if nobody was faster. */
  readonly blockCandidate: boolean;
}

export type UpstreamRecord = UpstreamJob | UpstreamShare;

// What the gateway counts, as plain numbers: the hot path adds to them, gateway-metrics.ts shows them to Prometheus when it asks.
// A label lookup per share would cost more than checking the share.
import { REJECT_REASONS } from '@assay/mining';

/** Why a connection was closed or refused. 'closed': by the miner. */
export const CLOSE_REASONS = [
  'closed',
  'error',
  'shutdown',
  'idle',
  'handshake_timeout',
  'line_too_long',
  'not_stratum',
  'flood',
  'slow_reader',
  'too_many_connections',
  'too_many_from_address',
  'accepts_too_fast',
  'no_extranonce',
  'no_proxy_header',
  'no_work',
  'not_allowed',
  'banned',
  'wrong_secrets',
  'slow_line',
  'tls_failed',
  'tls_timeout',
  'too_many_tls_handshakes',
  'memory_full',
  'buffers_full',
  'reconfigured',
] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Upper bounds of the acknowledgement latency's buckets, seconds. */
export const LATENCY_BUCKETS = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;
export const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1024] as const;

/** Counts by bucket; the last one is what exceeds every bound. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }

  get count(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }
}

export class GatewayTallies {
  /** Answered shares by reject code. */
  readonly shares = new Array<number>(REJECT_REASONS.length).fill(0);
  readonly latency = new Histogram(LATENCY_BUCKETS);
  readonly batchShares = new Histogram(BATCH_BUCKETS);
  readonly append = new Histogram(LATENCY_BUCKETS);
  readonly closes: Record<CloseReason, number> = Object.fromEntries(
    CLOSE_REASONS.map((reason) => [reason, 0]),
  ) as Record<CloseReason, number>;
  /** Shares taken but not yet answered. */
  pendingShares = 0;
  pendingReplies = 0;
  /** Submits answered with `share log unavailable`. */
  unavailable = 0;
  failedAppends = 0;
  hashedShares = 0;
  hashingUs = 0;
  spooledRecords = 0;
  drainedRecords = 0;
  loggedBytes = 0;
  accepted = 0;
  receivedBytes = 0;
  sentBytes = 0;
  malformedLines = 0;
  unknownMethods = 0;
  refusedRequests = 0;
  /** Addresses banned, each time one was. */
  bans = 0;
  wrongSecrets = 0;
  /** Connections the system could not hand over, for want of file descriptors most often. */
  acceptErrors = 0;
  jobs = 0;
  droppedEvents = 0;
  droppedUpstreamRecords = 0;
  /** How long machines took to answer client.get_version. */
  readonly minerLatency = new Histogram(LATENCY_BUCKETS);
  /** Times a machine was asked, was asked in vain, and hung up instead of an answer. */
  questions = 0;
  unansweredQuestions = 0;
  hangUpsOnQuestions = 0;
  /** Workers' minutes of which the latency was dropped. */
  droppedLatencies = 0;
  unknownControls = 0;

  blockAppended(shares: number, bytes: number, tookUs: number): void {
    this.batchShares.observe(shares);
    this.append.observe(tookUs / 1e6);
    this.loggedBytes += bytes;
  }

  hashed(shares: number, tookUs: number): void {
    this.hashedShares += shares;
    this.hashingUs += tookUs;
  }

  shareAnswered(rejectCode: number, latencyUs: number): void {
    this.shares[rejectCode]!++;
    this.latency.observe(latencyUs / 1e6);
  }
}

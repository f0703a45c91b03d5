// What happens to workers besides shares, as JSON records on the `worker.events` topic, keyed by gateway so that one gateway's events keep their order.
import type { Algorithm } from '@assay/mining';

interface EventBase {
  /** Microseconds since 1970, UTC. */
  readonly atUs: number;
  /** The gateway that saw it, or that it is about. */
  readonly gateway: string;
}

interface WorkerEventBase extends EventBase {
  readonly tenant: string;
  /** Full username. */
  readonly worker: string;
  /** Identifies the connection within its gateway's lifetime. */
  readonly connection: string;
}

export interface WorkerAuthorized extends WorkerEventBase {
  readonly type: 'authorized';
  readonly algorithm: Algorithm;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly difficulty: number;
  /** From `rate=` in the password or the worker file, hashes per second. */
  readonly expectedHashRateHs?: number;
  /** From `interval=` in the password, seconds. */
  readonly reportingIntervalSeconds?: number;
}

export interface WorkerDisconnected extends WorkerEventBase {
  readonly type: 'disconnected';
  /** Why: 'closed' by the miner, 'idle', 'flood', 'shutdown', ... */
  readonly reason: string;
}

/** A gateway began anew: every connection it had before is gone, whether or not we saw it close. */
export interface GatewayStarted extends EventBase {
  readonly type: 'gateway_started';
}

/** Found by the aggregator: a worker's rejected shares passed a stated fraction within a minute. */
export interface RejectBurst extends WorkerEventBase {
  readonly type: 'reject_burst';
  readonly reason: string;
  readonly rejected: number;
  readonly accepted: number;
}

/** Found by a validator: it judged shares otherwise than the gateway had. About the pool itself, and so of no tenant. */
export interface GatewayDisagreement extends EventBase {
  readonly type: 'integrity';
  /** The validator's where it rejects what the gateway accepted, else `refuted_` and the gateway's. */
  readonly reason: string;
  /** Shares that the gateway had accepted, and rejected. */
  readonly accepted: number;
  readonly rejected: number;
}

export type WorkerEvent = WorkerAuthorized | WorkerDisconnected | GatewayStarted | RejectBurst;

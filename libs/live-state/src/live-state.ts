// The live state port: what each worker is doing now. It is a cache of the log: lost, it is rebuilt, and until then it says so.
// Updates carry where they came from, so that a batch delivered twice counts once.
import type { Algorithm } from '@assay/mining';
import type { DecayedWork, HashRate } from '@assay/rollup';
import type { WorkerEvent } from '@assay/tenancy';

/** The windows live rates are kept over, as exponentially weighted means with these time constants. */
export const LIVE_WINDOWS = [
  { name: '1m', seconds: 60 },
  { name: '5m', seconds: 300 },
  { name: '15m', seconds: 900 },
  { name: '1h', seconds: 3600 },
  { name: '1d', seconds: 86400 },
] as const;

export type LiveWindow = (typeof LIVE_WINDOWS)[number]['name'];

/** A worker's verified shares of one slot of time within one batch, summed. */
export interface LiveDelta {
  readonly tenant: string;
  readonly worker: string;
  /** Empty for shares that name no known job: they were rejected. */
  readonly algorithm: Algorithm | '';
  /** Start of the slot (LIVE_SLOT_US long) in which the shares were submitted, microseconds since 1970. */
  readonly slotUs: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Sum of assigned difficulty of the accepted shares. */
  readonly work: number;
  /** Sum of the squares of the same: what the interval of a rate needs when difficulty varies. */
  readonly workSquared: number;
  readonly bestShareDifficulty: number;
  /** Of the last accepted share; 0 when there was none. */
  readonly lastShareAtUs: number;
  /** Assigned difficulty of the last share. */
  readonly difficulty: number;
}

export const LIVE_SLOT_US = 5_000_000;

export interface LiveUpdate {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last record of the batch; updates at or below the last applied one of the partition are ignored. */
  readonly endOffset: number;
  readonly deltas: readonly LiveDelta[];
  readonly events: readonly WorkerEvent[];
}

/** An open connection on which a worker is authorized. */
export interface LiveConnection {
  readonly gateway: string;
  readonly connection: string;
  readonly sinceUs: number;
}

/** A worker's whole state as the analytics store knows it, to start from after the live state was lost. */
export interface LiveSnapshot {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm;
  readonly userAgent: string;
  readonly remoteAddress: string;
  readonly connections: readonly LiveConnection[];
  readonly firstSeenUs: number;
  readonly lastShareAtUs: number | undefined;
  readonly difficulty: number;
  readonly bestShareDifficulty: number;
  readonly expectedHashRateHs: number | undefined;
  readonly decayed: Readonly<Record<LiveWindow, DecayedWork>>;
}

/** Up to where a topic's partition is contained in a snapshot: the offset after the last record. */
export interface LivePosition {
  readonly topic: string;
  readonly partition: number;
  readonly endOffset: number;
}

export interface LiveWorker {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm;
  readonly userAgent: string;
  readonly remoteAddress: string;
  /** Open connections on which the worker is authorized. */
  readonly connections: number;
  /** Start of the oldest open connection, microseconds; undefined when there is none. */
  readonly connectedSinceUs: number | undefined;
  readonly firstSeenUs: number;
  /** Last accepted share, microseconds; undefined before the first. */
  readonly lastShareAtUs: number | undefined;
  readonly difficulty: number;
  readonly bestShareDifficulty: number;
  readonly expectedHashRateHs: number | undefined;
  readonly rates: Readonly<Record<LiveWindow, HashRate>>;
}

export interface LiveState {
  /**
   * One call per batch. A worker is known from its first authorization or accepted share on; rejected shares alone do not make
   * one, so that names nobody authorized cannot fill the state.
   */
  apply(update: LiveUpdate): Promise<void>;
  /** Replaces everything with what the analytics store knows; updates up to `positions` are contained in it and will be ignored. */
  restore(workers: readonly LiveSnapshot[], positions: readonly LivePosition[]): Promise<void>;
  /** Every worker known, of one tenant or of all; `rates` as of `nowUs`. */
  workers(nowUs: number, tenant?: string): Promise<readonly LiveWorker[]>;
  worker(nowUs: number, name: string): Promise<LiveWorker | undefined>;
  /** False while it is being rebuilt or is far behind: numbers must not be shown as live then. */
  isLive(): Promise<boolean>;
  /** @param completeUntilUs set while shares submitted after that moment are still on their way here, microseconds since 1970 */
  setLive(live: boolean, completeUntilUs?: number): Promise<void>;
  /**
   * The latest moment up to `nowUs` for which everything submitted is in: what to ask rates as of. Later than that, a rate would
   * have decayed for shares that were submitted and only not counted yet.
   */
  asOfUs(nowUs: number): Promise<number>;
  /** Calls back with the names of workers whose state changed, at most every 250 ms. Returns how to stop. */
  subscribe(listener: (changed: ReadonlySet<string>) => void): () => void;
  close(): Promise<void>;
}

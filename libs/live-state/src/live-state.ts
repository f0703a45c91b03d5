// The live state port: what each worker is doing now. It is a cache of what the analytics store holds, shared by every aggregator:
// lost, it is built again, and until then it says so.
//
// It is a base and what was added to it since. The base is read from the store as a whole, by one builder. Each partition's records
// are added by whoever holds the partition, in order, and where a partition stands is part of the state: an update is taken only when
// it begins exactly there, so one delivered twice counts once, and one that comes after a gap is refused and told what is missing.
import type { Algorithm } from '@assay/mining';
import type { DecayedWork, HashRate } from '@assay/rollup';
import type { WorkerEvent } from '@assay/tenancy';
import type { LiveStanding } from './live-standing.ts';

/** The windows live rates are kept over, as exponentially weighted means with these time constants. */
export const LIVE_WINDOWS = [
  { name: '1m', seconds: 60 },
  { name: '5m', seconds: 300 },
  { name: '15m', seconds: 900 },
  { name: '1h', seconds: 3600 },
  { name: '1d', seconds: 86400 },
] as const;

export type LiveWindow = (typeof LIVE_WINDOWS)[number]['name'];

/** Shares are summed by slots of this length before they are decayed, each slot's work standing at its middle. */
export const LIVE_SLOT_US = 5_000_000;

export type DecayedByWindow = Readonly<Record<LiveWindow, DecayedWork>>;

/** A worker's verified shares of one algorithm within one update, summed. */
export interface LiveDelta {
  readonly tenant: string;
  readonly worker: string;
  /** Empty for shares that name no known job: they were rejected. */
  readonly algorithm: Algorithm | '';
  readonly accepted: number;
  /** When the first of the shares was submitted, microseconds since 1970. */
  readonly sinceUs: number;
  readonly bestShareDifficulty: number;
  /** Of the last accepted share; 0 when there was none. */
  readonly lastShareAtUs: number;
  /** Assigned difficulty of the last share of any verdict, and when that was. */
  readonly difficulty: number;
  readonly difficultyAtUs: number;
  /** Work of the accepted shares. */
  readonly decayed: DecayedByWindow;
}

export interface LivePartition {
  readonly topic: string;
  readonly partition: number;
}

export interface LiveUpdate extends LivePartition {
  /**
   * Names the history the partition's offsets belong to; undefined while nothing of it has ever been finished. Positions of another
   * history speak of other records.
   */
  readonly lineage: string | undefined;
  /** The first record it brings. */
  readonly fromOffset: number;
  /** Offset after the last. The same as `fromOffset` where it brings nothing, and only says how far the partition has come. */
  readonly endOffset: number;
  /** Set when it brings what was missing: the token of the gap. It then begins where the gap does, whatever `fromOffset` is. */
  readonly fills?: string;
  /** Up to when what was submitted to the partition lies below `endOffset`, microseconds since 1970; 0 when that is not known. */
  readonly reachedUs: number;
  readonly deltas: readonly LiveDelta[];
  readonly events: readonly WorkerEvent[];
}

/** What of a partition is not in the state, up to where its next update begins. */
export interface LiveGap {
  /** Names the gap; another update or another base makes it another. */
  readonly token: string;
  /** Names the state it is a gap of. */
  readonly epoch: string;
  /** No record below it is missing... */
  readonly fromOffset: number;
  /** ...and none submitted before this moment. */
  readonly submittedFromUs: number;
  /** Up to when the partition had come in time; 0 when that is not known. */
  readonly reachedUs: number;
}

export type LiveOutcome =
  | { readonly kind: 'applied' }
  /** All of it was in. */
  | { readonly kind: 'repeated' }
  /** Not applied: what comes before it has to be added first, or together with it. */
  | { readonly kind: 'behind'; readonly gap: LiveGap }
  /** Not applied: there is no base, or it belongs to another history of the partition. `epoch` names the state to replace. */
  | { readonly kind: 'lost'; readonly epoch: string };

/** An open connection on which a worker is authorized. */
export interface LiveConnection {
  readonly gateway: string;
  readonly connection: string;
  readonly sinceUs: number;
}

/** A worker as the analytics store knows it. */
export interface LiveSnapshot {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm;
  readonly userAgent: string;
  readonly remoteAddress: string;
  readonly connections: readonly LiveConnection[];
  readonly authorizedAtUs: number;
  readonly firstSeenUs: number;
  readonly lastShareAtUs: number | undefined;
  readonly difficulty: number;
  readonly bestShareDifficulty: number;
  readonly expectedHashRateHs: number | undefined;
  readonly decayed: DecayedByWindow;
}

/** How far the holder of a partition has come in the analytics store, by the last update it made, whether or not that was taken. */
export interface LiveProgress extends LivePartition {
  readonly endOffset: number;
  readonly reachedUs: number;
}

export type BasePartition = LivePartition & Pick<LiveGap, 'fromOffset' | 'submittedFromUs'>;

/** What a live state starts from. */
export interface LiveBase {
  readonly workers: readonly LiveSnapshot[];
  /** Every partition there is, and from where on its records are not in the base. */
  readonly partitions: readonly BasePartition[];
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

/** What changed: names of workers, or 'all' when there are too many to name or nobody can tell. */
export type LiveChange = ReadonlySet<string> | 'all';

/** Every call may fail with a LiveStateError. */
export interface LiveState {
  /**
   * One call per batch, all of it or nothing. A worker is known from its first authorization or accepted share on; rejected shares
   * alone do not make one, so that names nobody authorized cannot fill the state.
   */
  apply(update: LiveUpdate): Promise<LiveOutcome>;
  /**
   * Replaces everything by what `read` returns, unless the state is no longer the one named by `epoch` or somebody else is reading: one
   * does at a time, and has REBUILD_SECONDS. `progress` answers how far partitions have come, as far as their holders have said. False
   * when nothing was replaced.
   */
  rebuild(
    epoch: string,
    read: (progress: () => Promise<readonly LiveProgress[]>) => Promise<LiveBase>,
  ): Promise<boolean>;
  /** Whether numbers may be shown as live, and as of when rates are to be asked. */
  standing(nowUs: number): Promise<LiveStanding>;
  /** Every worker known, of one tenant or of all; `rates` as of `nowUs`. */
  workers(nowUs: number, tenant?: string): Promise<readonly LiveWorker[]>;
  worker(nowUs: number, name: string): Promise<LiveWorker | undefined>;
  /** Calls back with what changed, at most every 250 ms. Returns how to stop. */
  subscribe(listener: (changed: LiveChange) => void): () => void;
  close(): Promise<void>;
}

/** A builder that has not come to its end within this is taken to be dead, and what it brings is refused. */
export const REBUILD_SECONDS = 60;

/** A worker that is not connected and unchanged for this long is forgotten: none of its rates has weight left. */
export const FORGET_AFTER_SECONDS = 8 * 86_400;

/** The live state does not answer. It is a cache: whoever writes to it goes on without, whoever reads it says 'not live'. */
export class LiveStateError extends Error {
  override readonly name = 'LiveStateError';
  readonly code = 'unavailable';
  readonly retriable = true;
}

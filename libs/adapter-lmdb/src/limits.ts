// Every bound of the embedded log in one place, each with what happens when it is reached.
import type { AppendLimits } from '@assay/event-log';

export interface LmdbLogLimits extends AppendLimits {
  /** Appends waiting for their flush, bytes. Beyond it an append fails with LogError 'full', retriable: the disk is slower than the callers. */
  readonly maxPendingBytes: number;
  /**
   * Records kept, bytes over all topics. Beyond it an append fails with LogError 'full', retriable, until retention has dropped something.
   * Other threads and processes learn of each other's bytes once per retention sweep, so the log may pass the bound by what they append in between.
   */
  readonly maxStoredBytes: number;
  /** Metadata of a committed position, bytes (Kafka's default is the same). A longer one fails with LogError 'too_large'. */
  readonly maxMetadataBytes: number;
  /** Kept free on the disk for the log's own use, bytes: with it retention works and consumers commit when the disk is full. */
  readonly reserveBytes: number;
  /** Pause between retention sweeps, milliseconds. */
  readonly retentionIntervalMs: number;
  /** Appends dropped in one retention transaction; it holds the write lock for about a millisecond. */
  readonly retentionStep: number;
  /** Longest pause between two looks at the log's end while a read waits, milliseconds. It bounds how late another process's append is seen. */
  readonly idlePollMs: number;
  /** How often a group member says that it lives, milliseconds. */
  readonly heartbeatMs: number;
  /** A member silent for this long has crashed and loses its partitions, milliseconds. A dead process of this machine is noticed at once. */
  readonly memberTimeoutMs: number;
  /** How often a member looks for joined and left members, milliseconds; for crashed ones it looks twice a second. */
  readonly groupPollMs: number;
  /** A revoked handler that has not returned by then is left behind: the partition moves on and its commits are fenced, milliseconds. */
  readonly revokeGraceMs: number;
  /** Pause before a handler that threw is started again, milliseconds; it doubles while the handler gets nowhere. */
  readonly restartPauseMs: number;
  /** Bound of that pause, milliseconds. */
  readonly longestRestartPauseMs: number;
  /** A flush that takes longer fails its appends with LogError 'unavailable': they may or may not have happened. Milliseconds. */
  readonly flushTimeoutMs: number;
}

const MIB = 2 ** 20;

export const DEFAULT_LIMITS: LmdbLogLimits = {
  maxRecordBytes: 4 * MIB,
  maxAppendBytes: 16 * MIB,
  maxPendingBytes: 64 * MIB,
  maxStoredBytes: 32 * 1024 * MIB,
  maxMetadataBytes: 4096,
  reserveBytes: 2 * MIB,
  retentionIntervalMs: 2_000,
  retentionStep: 64,
  idlePollMs: 20,
  heartbeatMs: 2_000,
  memberTimeoutMs: 10_000,
  groupPollMs: 100,
  revokeGraceMs: 30_000,
  restartPauseMs: 1_000,
  longestRestartPauseMs: 10_000,
  flushTimeoutMs: 30_000,
};

// Every bound of the log on Kafka in one place, each with what happens when it is reached.
import type { AppendLimits } from '@assay/event-log';

export interface KafkaLogLimits extends AppendLimits {
  /** Appends not yet acknowledged, bytes. Beyond it an append fails with LogError 'full', retriable. */
  readonly maxPendingBytes: number;
  /** Metadata of a committed position, bytes; not above the brokers' offset.metadata.max.bytes (4096). A longer one fails with LogError 'too_large'. */
  readonly maxMetadataBytes: number;
  /** What one Fetch asks for at most, bytes: with the decompressed batch being read, what a waiting read may hold. */
  readonly maxFetchBytes: number;
  /** Longest a Fetch waits on the broker before it is asked again, milliseconds: a read that was given up occupies its connection for so long. */
  readonly fetchWaitMs: number;
  /** An append that is not acknowledged by then fails with LogError 'unavailable', outcome unknown. Milliseconds. */
  readonly appendTimeoutMs: number;
  /** Any other call that gets no good answer by then fails with LogError 'unavailable'. Milliseconds. */
  readonly callTimeoutMs: number;
  /** A connection must be open and authenticated within this. Milliseconds. */
  readonly connectTimeoutMs: number;
  /** Pause before a call is tried again, milliseconds; it doubles up to a second. */
  readonly retryPauseMs: number;
  /** What is known of topics is asked for again when it is older, milliseconds: a topic that grew is noticed within this. */
  readonly metadataMaxAgeMs: number;
  /** How often a group member says that it lives, milliseconds. It learns of others that come and go by the answer. */
  readonly heartbeatMs: number;
  /** A member silent for this long loses its partitions, and believes so itself, milliseconds. */
  readonly sessionTimeoutMs: number;
  /** A revoked handler that has not returned by then is left behind: the partition moves on and its commits are fenced, milliseconds. */
  readonly revokeGraceMs: number;
  /** Pause before a handler that threw is started again, milliseconds; it doubles while the handler gets nowhere. */
  readonly restartPauseMs: number;
  /** Bound of that pause, milliseconds. */
  readonly longestRestartPauseMs: number;
}

const MIB = 2 ** 20;

export const DEFAULT_LIMITS: KafkaLogLimits = {
  maxRecordBytes: 4 * MIB,
  maxAppendBytes: 16 * MIB,
  maxPendingBytes: 64 * MIB,
  maxMetadataBytes: 4096,
  maxFetchBytes: 8 * MIB,
  fetchWaitMs: 1_000,
  appendTimeoutMs: 10_000,
  callTimeoutMs: 10_000,
  connectTimeoutMs: 3_000,
  retryPauseMs: 50,
  metadataMaxAgeMs: 30_000,
  heartbeatMs: 1_000,
  sessionTimeoutMs: 15_000,
  revokeGraceMs: 30_000,
  restartPauseMs: 1_000,
  longestRestartPauseMs: 30_000,
};

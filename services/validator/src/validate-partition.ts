// The validator's pipeline, one partition at a time: read, decode, judge, encode, append, commit.
// Invariant: a submitted record's verified record (or dead letter) is durable before the position moves past it, and every
// record is judged exactly as if it had been read once, in order, by a validator that never stopped.
import { setTimeout } from 'node:timers/promises';
import {
  deadLetter,
  LogError,
  TOPIC,
  type EventLog,
  type LogRecord,
  type PartitionSession,
  type StoredRecord,
} from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { inSpans, traceHeader, traceOf, type Logger, type Span, type Tracer } from '@assay/platform';
import { checkTenants, decodeSubmitted, encodeVerified, ShareBlockError, sourceHeader } from '@assay/share-block';
import type { ValidatorConfig } from './config.ts';
import { DuplicateWindow } from './duplicate-window.ts';
import type { IntegrityEvents } from './integrity-events.ts';
import type { Judge } from './judge.ts';
import { positionMetadata, resumePartition } from './resume-partition.ts';
import type { ValidatorMetrics } from './validator-metrics.ts';

export interface ValidatorParts {
  readonly config: ValidatorConfig;
  readonly log: EventLog;
  readonly judge: Judge;
  readonly events: IntegrityEvents;
  readonly metrics: ValidatorMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tracer: Tracer;
}

/** What becomes of one submitted record. */
type Outcome =
  | { readonly kind: 'ok'; readonly record: LogRecord; readonly span: Span | undefined }
  /** A block without shares: nothing to say about it. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'dead-letter'; readonly record: LogRecord };

const WAIT_MS = 1_000;

/** Serves a partition until its session ends. What the log cannot do now is thrown, and the partition is started again from its position. */
export async function validatePartition(session: PartitionSession, parts: ValidatorParts): Promise<void> {
  const { config, log, metrics, clock } = parts;
  metrics.progress.begin(session);
  const window = new DuplicateWindow(config.duplicateWindowShares, config.duplicateWindowRecords);
  const resumed = await resumePartition(log, session, window, {
    shares: config.duplicateWindowShares,
    records: config.duplicateWindowRecords,
  });
  let { next, verifiedEnd } = resumed;
  // What a validator before this one had appended but not committed is done: say so at once, as no record may come for long.
  if (resumed.ahead && !(await commit(session, next, verifiedEnd))) return;
  while (!session.signal.aborted) {
    const askedAtUs = clock.nowUs();
    const records = await session.read(next, {
      maxRecords: config.readRecords,
      maxBytes: config.readBytes,
      waitMs: WAIT_MS,
    });
    if (records.length === 0) {
      metrics.progress.caughtUp(session, askedAtUs);
      continue;
    }
    metrics.progress.took(session, records[0]!.timestampUs);
    metrics.batchBlocks.observe(records.length);
    tellOfExpired(session.partition, next, records[0]!.offset, parts);

    const verified: LogRecord[] = [];
    const dead: LogRecord[] = [];
    const spans: Span[] = [];
    for (const record of records) {
      const outcome = await validateRecord(session.partition, record, window, parts);
      if (outcome.kind === 'ok') {
        verified.push(outcome.record);
        if (outcome.span !== undefined) spans.push(outcome.span);
      } else if (outcome.kind === 'dead-letter') dead.push(outcome.record);
    }

    next = records[records.length - 1]!.offset + 1;
    const held = await inSpans(spans, async () => {
      // A dead letter may be there twice after a crash: nothing is counted from that topic.
      for (const letter of dead) await log.append(TOPIC.sharesDead, [letter]);
      for (const batch of batches(verified, config.maxRecordBytes)) {
        const appended = metrics.appendSeconds.startTimer();
        const { baseOffset } = await log.append(TOPIC.sharesVerified, batch, session.partition);
        appended();
        verifiedEnd = baseOffset + batch.length;
      }
      return commit(session, next, verifiedEnd);
    });
    if (!held) return;
    metrics.progress.done(session, records[records.length - 1]!.timestampUs);
    if (isSmall(records, config)) await pause(config.lingerMs - (clock.nowUs() - askedAtUs) / 1000, session.signal);
  }
}

/** A log that waits with a quarter of what is read at once is behind, and is not made to wait. */
function isSmall(records: readonly StoredRecord[], { readRecords, readBytes }: ValidatorConfig): boolean {
  const bytes = records.reduce((sum, record) => sum + record.value.length, 0);
  return records.length < readRecords / 4 && bytes < readBytes / 4;
}

/** Ends early when the session does. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

/** Offsets leave no gaps: where reading goes on further up than it stopped, retention was faster than the validator. */
function tellOfExpired(partition: number, from: number, to: number, { metrics, logger }: ValidatorParts): void {
  if (to <= from) return;
  metrics.expired.inc(to - from);
  logger.error({ partition, from, to }, 'submitted records had been removed by retention before they were judged');
}

async function validateRecord(
  partition: number,
  record: StoredRecord,
  window: DuplicateWindow,
  parts: ValidatorParts,
): Promise<Outcome> {
  const { judge, events, metrics, config, tracer } = parts;
  const trace = traceOf(record.headers);
  let span: Span | undefined;
  try {
    const block = decodeSubmitted(record.value);
    if (block.count === 0) return { kind: 'drop' };
    // All of the block is set aside, not the share alone: rejected shares are shown to their tenant as well.
    checkTenants(block);
    if (trace !== undefined) span = tracer.follow('validator block', [trace]);
    span?.set({ partition, offset: record.offset, shares: block.count, gateway: block.gateway });
    const verified = await judge.judge(block, record.offset, window);
    const value = encodeVerified(verified);
    if (value.length > config.maxRecordBytes - HEADER_ROOM) {
      const message = `verified block of ${value.length} bytes`;
      span?.end(message);
      return setAside(partition, record, 'too_large', message, parts);
    }
    metrics.countBlock(verified);
    events.note(verified, { partition, offset: record.offset });
    // Without a collector of its own the validator hands the trace on as it came.
    const headers = { ...sourceHeader(partition, record.offset), ...traceHeader(span?.parent ?? trace) };
    return { kind: 'ok', record: { value, headers }, span };
  } catch (error) {
    span?.end(error);
    // Only computing happens above. What is thrown there will be thrown again, so the record must not hold up the partition.
    const reason = error instanceof ShareBlockError ? error.code : 'internal';
    return setAside(partition, record, reason, error instanceof Error ? error.message : String(error), parts, error);
  }
}

/** Room for what surrounds a value in an append. */
const HEADER_ROOM = 512;

function setAside(
  partition: number,
  record: StoredRecord,
  reason: string,
  message: string,
  { metrics, logger }: ValidatorParts,
  error?: unknown,
): Outcome {
  metrics.deadLetters.inc({ reason });
  logger.error(
    { partition, offset: record.offset, reason, err: error },
    `a submitted record cannot be judged: ${message}`,
  );
  return { kind: 'dead-letter', record: deadLetter(TOPIC.sharesSubmitted, partition, record, reason, message) };
}

/** The records in order, cut so that no append is larger than a log takes at once. */
function* batches(records: readonly LogRecord[], maxBytes: number): Generator<LogRecord[]> {
  let batch: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.value.length + HEADER_ROOM;
    if (batch.length > 0 && bytes + size > maxBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** False when the partition is held by another by now, who has gone on from the verified records. */
async function commit(session: PartitionSession, offset: number, verifiedEnd: number): Promise<boolean> {
  try {
    await session.commit({ offset, metadata: positionMetadata(verifiedEnd) });
    return true;
  } catch (error) {
    if (error instanceof LogError && error.code === 'fenced') return false;
    throw error;
  }
}

// Where to go on in a partition, and what to remember there. Both come from the log alone.
//
// The validator appends to shares.verified first and commits its position in shares.submitted after, so a crash in between leaves
// verified records beyond the committed position. Each names its source, so the highest source in the verified partition says
// what has been done. The commit's metadata holds the verified partition's end at that time; only what lies behind it is looked at.
//
// Fencing: the log lets one member of the group hold a partition. One that was given up for dead and is not may still append
// behind what is read here; its records repeat sources, judged the same, and readers drop them (libs/share-block/src/verified-headers.ts).
import {
  readPastCorrupt,
  TOPIC,
  type EventLog,
  type PartitionSession,
  type ReadLimits,
  type StoredRecord,
} from '@assay/event-log';
import { decodeVerified, parseSourceHeader, ShareBlockError, type VerifiedBlock } from '@assay/share-block';
import type { DuplicateWindow } from './duplicate-window.ts';
import { wasProven } from './judge.ts';

export interface ResumePoint {
  /** Offset of the submitted record to go on with. */
  readonly next: number;
  /** End of the verified partition, as far as it was seen. */
  readonly verifiedEnd: number;
  /** Whether more was done than the group has committed. */
  readonly ahead: boolean;
}

const READ: ReadLimits = { maxRecords: 256, maxBytes: 4_000_000, waitMs: 0 };
const STEP = 256;

/** What a commit notes besides its offset. */
export function positionMetadata(verifiedEnd: number): string {
  return `verified-end=${verifiedEnd}`;
}

function verifiedEndOf(metadata: string): number {
  return Number(/^verified-end=(\d{1,16})$/.exec(metadata)?.[1] ?? 0);
}

/**
 * @param window an empty one; it comes to hold the last proven shares before `next`
 * @param size of the window: proven shares, and the offsets before `next` over which it reaches
 */
export async function resumePartition(
  log: EventLog,
  session: PartitionSession,
  window: DuplicateWindow,
  size: { readonly shares: number; readonly records: number },
): Promise<ResumePoint> {
  const committed = await session.committed();
  let next = committed?.offset ?? 0;
  let verifiedEnd = verifiedEndOf(committed?.metadata ?? '');
  for (;;) {
    const records = await readPastCorrupt(log, TOPIC.sharesVerified, session.partition, verifiedEnd, READ);
    if (records.length === 0) break;
    // Asked after the records were read: whatever a validator had judged by then lies below it.
    const { end } = await session.bounds();
    for (const record of records) {
      const source = sourceOffset(record, session.partition);
      // Nobody has submitted that yet: no validator wrote it, and going on there would pass over shares unjudged.
      if (source < end) next = Math.max(next, source + 1);
      verifiedEnd = record.offset + 1;
    }
  }
  await fillWindow(log, session, window, { shares: size.shares, oldest: next - size.records, next, end: verifiedEnd });
  return { next, verifiedEnd, ahead: next > (committed?.offset ?? 0) };
}

/** Proven shares of one verified record. */
interface Proven {
  readonly source: number;
  readonly hashes: Uint8Array;
}

async function fillWindow(
  log: EventLog,
  session: PartitionSession,
  window: DuplicateWindow,
  want: { readonly shares: number; readonly oldest: number; readonly next: number; readonly end: number },
): Promise<void> {
  // Backwards in steps until there are enough shares, then marked in order.
  const steps: Proven[][] = [];
  let shares = 0;
  for (let end = want.end; end > 0 && shares < want.shares && !session.signal.aborted;) {
    const start = Math.max(0, end - STEP);
    const records = await readRange(log, session.partition, start, end);
    if (records.length === 0) break;
    const step = records.map((record) => provenShares(record, session.partition));
    steps.push(step);
    for (const { hashes } of step) shares += hashes.length / 32;
    if (step.some(({ source }) => source !== NO_SOURCE && source < want.oldest)) break;
    end = start;
  }
  let last = -1;
  for (const { source, hashes } of steps.reverse().flat()) {
    // A repeat was dropped by every reader, so its shares are not remembered a second time. Nor are those of a forged source.
    if (source <= last || source >= want.next) continue;
    last = source;
    for (let at = 0; at < hashes.length; at += 32) window.mark(hashes, at, source);
  }
}

async function readRange(log: EventLog, partition: number, start: number, end: number): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let at = start; at < end;) {
    const records = await readPastCorrupt(log, TOPIC.sharesVerified, partition, at, {
      ...READ,
      maxRecords: Math.min(READ.maxRecords, end - at),
    });
    if (records.length === 0) break;
    found.push(...records.filter(({ offset }) => offset < end));
    at = records[records.length - 1]!.offset + 1;
  }
  return found;
}

function provenShares(record: StoredRecord, partition: number): Proven {
  const source = sourceOffset(record, partition);
  const block = source === NO_SOURCE ? undefined : readBlock(record);
  if (block === undefined) return { source: NO_SOURCE, hashes: new Uint8Array(0) };
  const hashes: number[] = [];
  for (let i = 0; i < block.count; i++) {
    if (wasProven(block, i)) for (let b = 0; b < 32; b++) hashes.push(block.hashes[32 * i + b]!);
  }
  return { source, hashes: Uint8Array.from(hashes) };
}

/** What no validator wrote, or the disk spoilt, must not keep the partition from being judged. */
function readBlock(record: StoredRecord): VerifiedBlock | undefined {
  try {
    return decodeVerified(record.value);
  } catch (error) {
    if (error instanceof ShareBlockError) return undefined;
    throw error;
  }
}

/** Below every offset: nothing is done, and nothing remembered, on the word of a record that no validator wrote. */
const NO_SOURCE = -1;

function sourceOffset(record: StoredRecord, partition: number): number {
  const source = parseSourceHeader(record.headers);
  return source?.partition === partition ? source.offset : NO_SOURCE;
}

// Takes the group of a topic past records that the log's disk spoilt. Nothing of ours does that by itself: such a partition stops, and
// readiness says so, as a spoilt disk may come back from a copy. When a person decides that it will not, the group's position is moved
// past exactly those records, and a letter on shares.dead says which are lost.
//
// Invariant: the position moves only from the first spoilt record to the first that can be read again, and only while no member of the
// group holds the partition; the group's note with it stays as it is.
import {
  deadLetter,
  isCorrupt,
  nextReadable,
  TOPIC,
  type EventLog,
  type Origin,
  type PartitionSession,
  type Position,
} from '@assay/event-log';
import { holding } from './holding.ts';

export type SkipOutcome =
  | { readonly kind: 'skipped' | 'would skip'; readonly from: number; readonly to: number; readonly group: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Longer than Kafka takes to notice that a member has died. */
const GIVE_UP_MS = 60_000;

/** Who consumes a topic (validator.ts, start-aggregator.ts). */
const GROUP_OF: Readonly<Record<string, string>> = {
  [TOPIC.sharesSubmitted]: 'validator',
  [TOPIC.sharesVerified]: 'aggregator',
  [TOPIC.workerEvents]: 'aggregator',
  [TOPIC.upstreamShares]: 'aggregator',
  [TOPIC.workerLatencies]: 'aggregator',
};

export async function skip(
  log: EventLog,
  { topic, partition, offset }: Origin,
  dryRun: boolean,
  onWait: (group: string) => void,
): Promise<SkipOutcome> {
  const group = GROUP_OF[topic];
  if (group === undefined) return { kind: 'refused', why: `no group reads ${topic}` };
  const fault = await faultAt(log, topic, partition, offset);
  if (fault === undefined) return { kind: 'refused', why: 'it can be read' };
  const to = await nextReadable(log, topic, partition, offset);
  const move = async (session: PartitionSession): Promise<SkipOutcome> => {
    const position = await session.committed();
    const why = whyNot(position, position?.offset ?? (await session.bounds()).start, offset, group);
    if (why !== undefined) return { kind: 'refused', why };
    if (dryRun) return { kind: 'would skip', from: offset, to, group };
    const lost = { offset, timestampUs: 0, value: new Uint8Array(0) };
    const message = `offsets ${offset} to ${to - 1} were skipped for group ${group}: ${fault}`;
    await log.append(TOPIC.sharesDead, [deadLetter(topic, partition, lost, 'corrupt', message)]);
    await session.commit({ offset: to, metadata: position?.metadata ?? '' });
    return { kind: 'skipped', from: offset, to, group };
  };
  return holding(log, group, topic, partition, () => onWait(group), move, GIVE_UP_MS);
}

/** What reading the offset fails with; undefined when it does not. */
async function faultAt(log: EventLog, topic: string, partition: number, offset: number): Promise<string | undefined> {
  try {
    await log.readFrom(topic, partition, offset, { maxRecords: 1, maxBytes: 1, waitMs: 0 });
    return undefined;
  } catch (error) {
    if (isCorrupt(error)) return error.message;
    throw error;
  }
}

function whyNot(position: Position | undefined, next: number, offset: number, group: string): string | undefined {
  if (next !== offset)
    return `group ${group} goes on at offset ${next}, not there: skip what it stops at, once it does`;
  if (underWay(position?.metadata ?? ''))
    return `group ${group} has begun a batch there and must write it as it was; bring the record back from a copy`;
  return undefined;
}

/** Whether an aggregator's note (batch-ledger.ts) says that a batch was begun. */
function underWay(note: string): boolean {
  if (!note.startsWith('{')) return false;
  try {
    return (JSON.parse(note) as { to?: unknown }).to !== undefined;
  } catch {
    return true;
  }
}

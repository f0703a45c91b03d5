// Puts the record of a letter back on the partition it came from, so that a validator or aggregator that can read it by now takes it.
// Its shares are then counted once:
//
// - a record of shares.submitted had no verified record, so nothing of it was counted. It is judged anew, and a share that some other
//   record brought is caught by the validator's duplicate window as ever.
// - a record of shares.verified goes without its `source`: the aggregator's mark has passed that source, and would drop the record as a
//   repeat. Instead it carries `replayed-from`, and the aggregator takes it as a record of its own. Replaying the submitted record it
//   came from would not do: the validator remembers those shares as proven and would call each a duplicate.
// - a worker event is named by where it stands; the letter's place showed none. A record of upstream.shares is known by its share,
//   and one of worker.latencies was set aside whole: nothing of it was added to the sums.
//
// Invariant: a letter is put back at most once, unless asked for again, also by a replay that was cut off anywhere: what it was
// about to do stands on shares.dead before it does it (markers.ts), and the next one looks whether it did.
import { REPLAY_HEADER, TOPIC, type EventLog, type LogRecord, type OpenedLetter } from '@assay/event-log';
import { SOURCE_HEADER } from '@assay/share-block';
import { digestOf, recordOf, recordsOf, type Journal, type Letter } from './journal.ts';
import { markerOf } from './markers.ts';

export type ReplayOutcome =
  | { readonly kind: 'replayed'; readonly at: number }
  /** A replay that was cut off had put it back already. */
  | { readonly kind: 'found'; readonly at: number }
  /** Only asked what would be done. */
  | { readonly kind: 'would replay' }
  | { readonly kind: 'refused'; readonly why: string };

export interface ReplayOptions {
  readonly dryRun: boolean;
  /** Also what was put back before. */
  readonly again: boolean;
}

const REPLAYABLE: readonly string[] = [
  TOPIC.sharesSubmitted,
  TOPIC.sharesVerified,
  TOPIC.workerEvents,
  TOPIC.upstreamShares,
  TOPIC.workerLatencies,
];

/** Only for one caller at a time. Throws LogError; the same call can then be made again. */
export async function replay(
  log: EventLog,
  journal: Journal,
  letter: Letter,
  { dryRun, again }: ReplayOptions,
): Promise<ReplayOutcome> {
  const { topic, partition } = letter.origin;
  const why = whyNot(journal, letter, again);
  if (why !== undefined) return { kind: 'refused', why };
  if (partition >= (await log.partitions(topic)))
    return { kind: 'refused', why: `${topic} has no partition ${partition} any more` };
  const opened = await recordOf(log, letter);

  if (letter.state.kind === 'begun') {
    const at = await findReplayed(log, letter, letter.state.from);
    if (at !== undefined) {
      if (!dryRun) await mark(log, journal, letter, { kind: 'replayed', at });
      return { kind: 'found', at };
    }
  }
  if (dryRun) return { kind: 'would replay' };
  if (letter.state.kind !== 'begun')
    await mark(log, journal, letter, { kind: 'begun', from: (await log.bounds(topic, partition)).end });
  const { baseOffset } = await log.append(topic, [replayedRecord(letter, opened)], partition);
  await mark(log, journal, letter, { kind: 'replayed', at: baseOffset });
  return { kind: 'replayed', at: baseOffset };
}

function whyNot(journal: Journal, letter: Letter, again: boolean): string | undefined {
  const { origin, bytes, kept, state } = letter;
  if (!REPLAYABLE.includes(origin.topic) || letter.reason === 'corrupt')
    return `it holds no record that could be put back on ${origin.topic}`;
  if (kept < bytes) return `only the first ${kept} of its ${bytes} bytes were kept`;
  if (again) return undefined;
  if (state.kind === 'replayed')
    return `it was put back at offset ${state.at} already; --again does so once more, and may count its shares twice`;
  const twin = journal.twinOf(letter);
  if (twin !== undefined)
    return `the same bytes, set aside from ${twin.id}, were put back already; --again does so all the same, and may count shares twice`;
  return undefined;
}

function replayedRecord(letter: Letter, { record }: OpenedLetter): LogRecord {
  const { [SOURCE_HEADER]: _source, ...headers } = record.headers ?? {};
  return { ...record, headers: { ...headers, [REPLAY_HEADER]: letter.id } };
}

/** Where a replay that was cut off had put the record. */
async function findReplayed(log: EventLog, letter: Letter, from: number): Promise<number | undefined> {
  const { topic, partition } = letter.origin;
  for await (const { offset, headers, value } of recordsOf(log, topic, partition, from))
    if (headers?.[REPLAY_HEADER] === letter.id && digestOf(value) === letter.digest) return offset;
  return undefined;
}

async function mark(
  log: EventLog,
  journal: Journal,
  letter: Letter,
  state: { readonly kind: 'begun'; readonly from: number } | { readonly kind: 'replayed'; readonly at: number },
): Promise<void> {
  await log.append(TOPIC.sharesDead, [markerOf(letter, state)], letter.deadPartition);
  journal.settle(letter, state);
}

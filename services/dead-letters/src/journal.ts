// What `shares.dead` tells, read once from its beginning: every letter, and what was put back of them. A letter set aside twice, as
// a batch written again may, is one letter. Bound: some 500 bytes of memory a letter; values are not kept.
import { createHash } from 'node:crypto';
import { openLetter, parseOrigin, TOPIC, type EventLog, type OpenedLetter, type StoredRecord } from '@assay/event-log';
import { parseMarker } from './markers.ts';

export type LetterState =
  /** Set aside, and nothing done about it. */
  | { readonly kind: 'dead' }
  /** A replay was begun and its end is not known; if the record was put back, it stands at `from` or after it. */
  | { readonly kind: 'begun'; readonly from: number }
  /** Put back, at offset `at` of the partition it came from. */
  | { readonly kind: 'replayed'; readonly at: number };

export interface Letter extends Omit<OpenedLetter, 'record'> {
  /** `topic:partition:offset` of the record. */
  readonly id: string;
  /** Of the value kept: with the id it names the letter, as offsets of a log that was deleted and began anew come again. */
  readonly digest: string;
  /** Bytes of the value kept; fewer than `bytes` when only its beginning was. */
  readonly kept: number;
  readonly deadPartition: number;
  readonly deadOffset: number;
  /** When it was set aside, microseconds. */
  readonly atUs: number;
  state: LetterState;
}

export class Journal {
  readonly letters: Letter[] = [];
  readonly #byName = new Map<string, Letter>();
  /** By topic and digest: the letter of which the same bytes were put back. */
  readonly #replayed = new Map<string, Letter>();

  static async read(log: EventLog): Promise<Journal> {
    const journal = new Journal();
    const partitions = await log.partitions(TOPIC.sharesDead);
    for (let partition = 0; partition < partitions; partition++)
      for await (const record of recordsOf(log, TOPIC.sharesDead, partition, 0)) journal.#take(partition, record);
    return journal;
  }

  /** The letters of an origin: one, unless the log was deleted and began anew. */
  of(id: string): Letter[] {
    return this.letters.filter((letter) => letter.id === id);
  }

  /** Another letter of which the same bytes were put back, as when a gateway had appended a block twice. */
  twinOf(letter: Letter): Letter | undefined {
    const twin = this.#replayed.get(bytesName(letter));
    return twin === letter ? undefined : twin;
  }

  /** Notes what became of a letter. */
  settle(letter: Letter, state: LetterState): void {
    letter.state = state;
    if (state.kind === 'replayed') this.#replayed.set(bytesName(letter), letter);
  }

  #take(partition: number, record: StoredRecord): void {
    const marker = parseMarker(record.headers);
    if (marker !== undefined) {
      const marked = this.#byName.get(`${marker.origin} ${marker.digest}`);
      if (marked !== undefined) this.settle(marked, marker.state);
      return;
    }
    const opened = openLetter(record);
    if (opened === undefined) return;
    const { origin, reason, message, bytes } = opened;
    const id = `${origin.topic}:${origin.partition}:${origin.offset}`;
    const digest = digestOf(record.value);
    if (this.#byName.has(`${id} ${digest}`)) return;
    const letter: Letter = {
      ...{ id, digest, origin, reason, message, bytes },
      kept: record.value.length,
      deadPartition: partition,
      deadOffset: record.offset,
      atUs: record.timestampUs,
      state: { kind: 'dead' },
    };
    this.letters.push(letter);
    this.#byName.set(`${id} ${digest}`, letter);
  }
}

/** The record of a letter, as it was. Throws when retention removed it since the journal was read. */
export async function recordOf(log: EventLog, letter: Letter): Promise<OpenedLetter> {
  const limits = { maxRecords: 1, maxBytes: 1, waitMs: 0 };
  const [record] = await log.readFrom(TOPIC.sharesDead, letter.deadPartition, letter.deadOffset, limits);
  const opened = record?.offset === letter.deadOffset ? openLetter(record) : undefined;
  if (opened === undefined) throw new Error(`the letter of ${letter.id} is no longer on ${TOPIC.sharesDead}`);
  return opened;
}

/** Every record of a partition from an offset to its end. */
export async function* recordsOf(
  log: EventLog,
  topic: string,
  partition: number,
  from: number,
): AsyncGenerator<StoredRecord> {
  const { end } = await log.bounds(topic, partition);
  for (let next = from; next < end;) {
    const records = await log.readFrom(topic, partition, next, {
      maxRecords: 256,
      maxBytes: 8 * 2 ** 20,
      waitMs: 1_000,
    });
    if (records.length === 0) return;
    yield* records;
    next = records[records.length - 1]!.offset + 1;
  }
}

export function digestOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

const bytesName = ({ origin, digest }: Letter): string => `${origin.topic} ${digest}`;

/** Whether text is an origin. */
export const isOrigin = (text: string): boolean => parseOrigin(text) !== undefined;

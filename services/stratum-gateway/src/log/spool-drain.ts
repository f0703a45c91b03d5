// Moves what is in a spool to the log, in order: a window of it at a time, many records per append where they share a partition.
// Invariant: a record is dropped from the spool only after the log took it. What the log took and a crash kept from being dropped is
// appended again, for the same partition, at most a window of it.
import { LogError, recordBytes, TOPIC, type EventLog, type Spool, type SpooledAppend } from '@assay/event-log';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { messageOf } from './share-log.ts';
import { SpoolDoubts } from './spool-doubts.ts';

/** Moved at once; far below what the validator's duplicate window remembers (16,384 records). */
const WINDOW = { maxRecords: 4096, maxBytes: 8 * 2 ** 20 } as const;
/** One append, to see whether the log takes anything. */
const PROBE = { maxRecords: 1, maxBytes: 1 } as const;
/** Of one append to the log, well below what logs take. */
const APPEND_BYTES = 500_000;

/** What goes to one partition (or has one key), in order. */
interface Lane {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly appends: SpooledAppend[];
}

/** An append to the log that came to nothing in time. */
export interface Attempt {
  /** An offset of the partition before what it may have appended, where one is known. */
  readonly from: number | undefined;
  readonly outcome: Promise<unknown>;
}

export type DrainOutcome = 'moved' | 'empty' | 'failed';

export class SpoolDrain {
  readonly #log: EventLog;
  readonly #spool: Spool;
  readonly #tallies: GatewayTallies;
  readonly #doubts: SpoolDoubts;
  readonly #partitions = new Map<string, number>();
  /** Offsets up to which partitions are known to have been filled, by `nameOf`. */
  readonly #ends = new Map<string, number>();
  /** Positions in the log already, not yet dropped from the spool. */
  readonly #logged = new Set<number>();
  /** Why the last step failed; undefined when it did not. */
  trouble: string | undefined = undefined;

  constructor(log: EventLog, spool: Spool, tallies: GatewayTallies) {
    this.#log = log;
    this.#spool = spool;
    this.#tallies = tallies;
    this.#doubts = new SpoolDoubts(log);
  }

  knownPartitions(topic: string): number | undefined {
    return this.#partitions.get(topic);
  }

  async partitions(topic: string): Promise<number> {
    const known = this.#partitions.get(topic) ?? (await this.#log.partitions(topic));
    this.#partitions.set(topic, known);
    return known;
  }

  /** Learns how far the partitions of a topic are filled, so that an append in doubt can be looked for. */
  async learnEnds(topic: string): Promise<void> {
    const partitions = await this.partitions(topic);
    for (let partition = 0; partition < partitions; partition++)
      this.reached(topic, partition, (await this.#log.bounds(topic, partition)).end);
  }

  /** The partition was seen to be filled up to `end`. */
  reached(topic: string, partition: number, end: number): void {
    const name = nameOf(topic, partition);
    this.#ends.set(name, Math.max(end, this.#ends.get(name) ?? 0));
  }

  /** Where that is, to be asked before an append: what it appends stands there or behind. */
  knownEnd(topic: string, partition: number | undefined): number | undefined {
    return this.#ends.get(nameOf(topic, partition));
  }

  /** The append spooled at `position` was tried on the log before, without an outcome in time. */
  mayBeLogged(position: number, { from, outcome }: Attempt): void {
    this.#doubts.add(position, from, outcome);
  }

  /** Moves some; only one append while the log is away. */
  async step(): Promise<DrainOutcome> {
    try {
      // Also what tells whether the log is there when there is nothing to move.
      await this.partitions(TOPIC.sharesSubmitted);
      const appends = this.#spool.read(0, this.trouble === undefined ? WINDOW : PROBE);
      const last = appends.at(-1);
      if (last !== undefined) {
        await this.#move(appends);
        await this.#spool.trim(last.end);
        for (const position of this.#logged) if (position < last.end) this.#logged.delete(position);
        this.#doubts.forget(last.end);
      }
      this.trouble = undefined;
      return last === undefined ? 'empty' : 'moved';
    } catch (error) {
      this.trouble = messageOf(error);
      return 'failed';
    }
  }

  async #move(appends: readonly SpooledAppend[]): Promise<void> {
    const lanes = new Map<string, Lane>();
    for (const append of appends) {
      if (this.#logged.has(append.position)) continue;
      const { topic, records, position } = append;
      const { key } = records[0]!;
      // By its place, so that a second attempt, even after a crash, chooses the same.
      const chosen = key === undefined ? position % (await this.partitions(topic)) : undefined;
      const partition = append.partition ?? chosen;
      const name = partition === undefined ? `${topic} ${key}` : nameOf(topic, partition);
      const lane = lanes.get(name) ?? { topic, partition, appends: [] };
      lane.appends.push(append);
      lanes.set(name, lane);
    }
    // All have come to an end before the next step, so that no append overtakes an earlier one.
    const moves = await Promise.allSettled([...lanes.values()].map((lane) => this.#moveLane(lane)));
    const failed = moves.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #moveLane({ topic, partition, appends }: Lane): Promise<void> {
    const there = new Set(await this.#doubts.settle(topic, partition, appends));
    for (const append of there) this.#markLogged(append);
    const rest = appends.filter((append) => !there.has(append));
    for (const batch of batches(rest)) await this.#append({ topic, partition, appends: batch });
  }

  async #append({ topic, partition, appends }: Lane): Promise<void> {
    const records = appends.flatMap((append) => append.records);
    const from = this.knownEnd(topic, partition);
    try {
      const appended = await this.#log.append(topic, records, partition);
      this.reached(topic, appended.partition, appended.baseOffset + records.length);
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'too_large') || appends.length === 1) {
        for (const { position } of appends) this.#doubts.add(position, from);
        throw error;
      }
      // The log takes less at once than we thought: one by one, as they were appended first.
      for (const one of appends) await this.#append({ topic, partition, appends: [one] });
      return;
    }
    for (const append of appends) this.#markLogged(append);
  }

  #markLogged({ position, records }: SpooledAppend): void {
    this.#logged.add(position);
    this.#tallies.drainedRecords += records.length;
  }
}

const nameOf = (topic: string, partition: number | undefined): string => `${topic}/${partition ?? ''}`;

/** The appends in order, as many together as go into one append to the log. */
function* batches(appends: readonly SpooledAppend[]): Generator<SpooledAppend[]> {
  let batch: SpooledAppend[] = [];
  let bytes = 0;
  for (const append of appends) {
    const size = append.records.reduce((sum, record) => sum + recordBytes(record), 0);
    if (batch.length > 0 && bytes + size > APPEND_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(append);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

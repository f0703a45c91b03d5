// Moves what is in a spool to the log, in order: a window of it at a time, many records per append where they share a partition.
// Invariant: a record is dropped from the spool only after the log took it. What the log took and a crash kept from being dropped is
// appended again, for the same partition, at most a window of it.
import {
  LogError,
  recordBytes,
  TOPIC,
  type EventLog,
  type LogRecord,
  type Spool,
  type SpooledAppend,
} from '@assay/event-log';
import type { GatewayTallies } from './gateway-tallies.ts';
import { messageOf } from './share-log.ts';

/** Moved at once; far below what the validator's duplicate window remembers (16,384 records). */
const WINDOW = { maxRecords: 4096, maxBytes: 8 * 2 ** 20 } as const;
/** One append, to see whether the log takes anything. */
const PROBE = { maxRecords: 1, maxBytes: 1 } as const;
/** Of one append to the log, well below what logs take. */
const APPEND_BYTES = 500_000;
/** An append of unknown outcome is waited for no longer than this: the log has given it up by then, or lost it. */
const SETTLE_MS = 60_000;

/** Records for one partition, in order, as few appends as there may be. */
interface Batch {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly appends: SpooledAppend[];
  bytes: number;
}

export type DrainOutcome = 'moved' | 'empty' | 'failed';

export class SpoolDrain {
  readonly #log: EventLog;
  readonly #spool: Spool;
  readonly #tallies: GatewayTallies;
  readonly #partitions = new Map<string, number>();
  /** By position: appends to the log that had no outcome in time. */
  readonly #unsettled = new Map<number, Promise<boolean>>();
  /** Positions in the log already, not yet dropped from the spool. */
  readonly #logged = new Set<number>();
  /** Why the last step failed; undefined when it did not. */
  trouble: string | undefined = undefined;

  constructor(log: EventLog, spool: Spool, tallies: GatewayTallies) {
    this.#log = log;
    this.#spool = spool;
    this.#tallies = tallies;
  }

  knownPartitions(topic: string): number | undefined {
    return this.#partitions.get(topic);
  }

  async partitions(topic: string): Promise<number> {
    const known = this.#partitions.get(topic) ?? (await this.#log.partitions(topic));
    this.#partitions.set(topic, known);
    return known;
  }

  /** The append spooled at `position` was tried on the log before, without an outcome in time. Should it have one yet, that counts. */
  mayBeLogged(position: number, attempt: Promise<unknown>): void {
    const settled = attempt.then(
      () => true,
      () => false,
    );
    this.#unsettled.set(position, settled);
  }

  /** Moves some; only one append while the log is away. */
  async step(): Promise<DrainOutcome> {
    try {
      // Also what tells whether the log is there when there is nothing to move.
      await this.partitions(TOPIC.sharesSubmitted);
      const appends = this.#spool.read(0, this.trouble === undefined ? WINDOW : PROBE);
      const last = appends.at(-1);
      if (last === undefined) {
        this.trouble = undefined;
        return 'empty';
      }
      await this.#move(appends);
      await this.#spool.trim(last.end);
      for (const position of this.#logged) if (position < last.end) this.#logged.delete(position);
      for (const position of this.#unsettled.keys()) if (position < last.end) this.#unsettled.delete(position);
      this.trouble = undefined;
      return 'moved';
    } catch (error) {
      this.trouble = messageOf(error);
      return 'failed';
    }
  }

  async #move(appends: readonly SpooledAppend[]): Promise<void> {
    const lanes = new Map<string, Batch[]>();
    for (const append of appends) {
      if (this.#logged.has(append.position) || (await this.#wasLogged(append))) continue;
      const { topic, records } = append;
      const key = records[0]!.key;
      const partition = append.partition ?? (key === undefined ? await this.#chosen(append) : undefined);
      const lane = `${topic}/${partition ?? `key ${key}`}`;
      const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
      const batches = lanes.get(lane) ?? [];
      const open = batches.at(-1);
      if (open !== undefined && open.bytes + bytes <= APPEND_BYTES) {
        open.appends.push(append);
        open.bytes += bytes;
      } else batches.push({ topic, partition, appends: [append], bytes });
      lanes.set(lane, batches);
    }
    const moves = [...lanes.values()].map(async (batches) => {
      for (const batch of batches) await this.#append(batch);
    });
    // All have come to an end before the next step, so that no append overtakes an earlier one.
    const failed = (await Promise.allSettled(moves)).find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #append({ topic, partition, appends }: Batch): Promise<void> {
    try {
      await this.#log.append(topic, recordsOf(appends), partition);
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'too_large') || appends.length === 1) throw error;
      // The log takes less at once than we thought: one by one, as they were appended first.
      for (const one of appends) {
        await this.#log.append(topic, one.records, partition);
        this.#markLogged(one);
      }
      return;
    }
    for (const append of appends) this.#markLogged(append);
  }

  /** By its place, so that a second attempt, even after a crash, chooses the same. */
  async #chosen({ topic, position }: SpooledAppend): Promise<number> {
    return position % (await this.partitions(topic));
  }

  async #wasLogged(append: SpooledAppend): Promise<boolean> {
    const settled = this.#unsettled.get(append.position);
    if (settled === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), SETTLE_MS)));
    const logged = await Promise.race([settled, impatient]);
    clearTimeout(timer);
    if (logged) this.#markLogged(append);
    return logged;
  }

  #markLogged({ position, records }: SpooledAppend): void {
    this.#logged.add(position);
    this.#tallies.drainedRecords += records.length;
  }
}

function recordsOf(appends: readonly SpooledAppend[]): LogRecord[] {
  return appends.flatMap(({ records }) => records);
}

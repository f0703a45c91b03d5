// Which spooled appends may stand in the log already, since an attempt to append them had no known outcome, and whether they do: the
// attempt itself may still tell, and else the log is read from where it stood before the attempt. So a record is counted once even if
// other gateways appended more in between than the validator's duplicate window remembers; what remains for the window is a kill in
// the middle of a drain, and a log that takes an old attempt in after it was read.
import { crc32 } from 'node:zlib';
import type { EventLog, SpooledAppend } from '@assay/event-log';
import { isRetriable } from './share-log.ts';

interface Doubt {
  /** Resolves with whether the attempt succeeded after all. */
  readonly attempt: Promise<boolean> | undefined;
  /** An offset of the partition at or before which nothing of the attempt can stand; undefined when none is known. */
  readonly from: number | undefined;
}

/** An attempt is waited for no longer than this: the log has given it up by then, or lost it. */
const SETTLE_MS = 60_000;
const READ = { maxRecords: 1000, maxBytes: 4 * 2 ** 20, waitMs: 0 } as const;
/** Read of one partition at most; beyond it the duplicate window has to do. */
const MAX_READ_BYTES = 256 * 2 ** 20;

export class SpoolDoubts {
  readonly #log: EventLog;
  /** By position in the spool. */
  readonly #doubts = new Map<number, Doubt>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** @param from the end of the partition before the attempt, or any offset before that */
  add(position: number, from: number | undefined, attempt?: Promise<unknown>): void {
    // The first attempt reaches back the furthest.
    if (this.#doubts.has(position)) return;
    const settled = attempt?.then(
      () => true,
      () => false,
    );
    this.#doubts.set(position, { attempt: settled, from });
  }

  /** Those of a partition's appends that stand in the log. */
  async settle(
    topic: string,
    partition: number | undefined,
    appends: readonly SpooledAppend[],
  ): Promise<SpooledAppend[]> {
    const found: SpooledAppend[] = [];
    const sought: SpooledAppend[] = [];
    let from = Infinity;
    for (const append of appends) {
      const doubt = this.#doubts.get(append.position);
      if (doubt === undefined) continue;
      if (doubt.attempt !== undefined && (await inTime(doubt.attempt))) found.push(append);
      else if (doubt.from !== undefined) {
        sought.push(append);
        from = Math.min(from, doubt.from);
      }
    }
    if (partition === undefined || sought.length === 0) return found;
    try {
      return [...found, ...(await this.#find(topic, partition, from, sought))];
    } catch (error) {
      // A gateway that may write but not read, say: then the duplicate window has to do.
      if (isRetriable(error)) throw error;
      return found;
    }
  }

  /** What lies before the position is drained. */
  forget(position: number): void {
    for (const doubtful of this.#doubts.keys()) if (doubtful < position) this.#doubts.delete(doubtful);
  }

  async #find(
    topic: string,
    partition: number,
    from: number,
    sought: readonly SpooledAppend[],
  ): Promise<SpooledAppend[]> {
    const byKey = new Map(sought.map((append) => [keyOf(append.records[0]!.value), append]));
    const found: SpooledAppend[] = [];
    const { end } = await this.#log.bounds(topic, partition);
    let bytes = 0;
    for (let at = from; at < end && byKey.size > found.length && bytes < MAX_READ_BYTES;) {
      const records = await this.#log.readFrom(topic, partition, at, READ);
      if (records.length === 0) break;
      for (const { value } of records) {
        bytes += value.length;
        const append = byKey.get(keyOf(value));
        if (append === undefined || found.includes(append)) continue;
        if (Buffer.compare(append.records[0]!.value, value) === 0) found.push(append);
      }
      at = records.at(-1)!.offset + 1;
    }
    return found;
  }
}

const keyOf = (value: Uint8Array): string => `${value.length} ${crc32(value)}`;

async function inTime(settled: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const impatient = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), SETTLE_MS)));
  const outcome = await Promise.race([settled, impatient]);
  clearTimeout(timer);
  return outcome;
}

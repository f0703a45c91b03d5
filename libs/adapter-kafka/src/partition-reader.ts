// Reading one partition from any offset. Every waiting read has a connection of its own (see kafka-cluster.ts), so a partition that nobody reads
// costs nothing, and one that waits holds up no other. What a Fetch brought beyond what was asked for is kept, still undecoded, for a read that
// goes on where the last one ended; any other read drops it.
// Bound: one Fetch answer (limits.maxFetchBytes, or one larger batch) and one decoded batch per reader.
import { recordBytes, type ReadLimits, type StoredRecord } from '@assay/event-log';
import { Deadline, pause } from './deadline.ts';
import { check, errorType } from './kafka-errors.ts';
import { fetchRequest, type Fetched } from './fetch-request.ts';
import type { LogCore } from './log-core.ts';
import { decodeBatch, splitBatches, type RawBatch } from './record-batch.ts';

/** Pause between two looks at a partition's end when a read waits beyond it, milliseconds. */
const BEYOND_END_PAUSE_MS = 200;
/** A Fetch counts a batch's header and every record's; asked for a little more, it brings what fills a read in one go. */
const FETCH_HEADROOM_BYTES = 64 * 1024;

export class PartitionReader {
  readonly #core: LogCore;
  readonly #topic: string;
  readonly #partition: number;
  readonly #name: string;
  /** The offset the kept batches and records go on at. */
  #next = -1;
  #batches: RawBatch[] = [];
  #records: StoredRecord[] = [];
  /** The end of the partition as of the last Fetch. */
  #end = -1;
  #saidBeyond = false;

  constructor(core: LogCore, topic: string, partition: number) {
    this.#core = core;
    this.#topic = topic;
    this.#partition = partition;
    this.#name = `${topic}/${partition}`;
  }

  /** See PartitionSession.read. Rejects with LogError 'unavailable' when no broker answers within callTimeoutMs, and 'corrupt'. */
  async read(offset: number, limits: ReadLimits, signal?: AbortSignal): Promise<readonly StoredRecord[]> {
    if (offset !== this.#next) this.#restartAt(offset);
    const waiting = new Deadline(limits.waitMs);
    const taken: StoredRecord[] = [];
    let bytes = 0;
    while (signal?.aborted !== true) {
      let record: StoredRecord | undefined;
      try {
        record = await this.#peek();
      } catch (error) {
        // What stands before a corrupt batch can be read; the read that begins at the batch fails.
        if (taken.length > 0) break;
        throw error;
      }
      if (record !== undefined) {
        const size = recordBytes(record);
        if (taken.length > 0 && bytes + size > limits.maxBytes) break;
        this.#records.shift();
        this.#next = record.offset + 1;
        taken.push(record);
        bytes += size;
        if (taken.length >= limits.maxRecords || bytes >= limits.maxBytes) break;
        continue;
      }
      // Something was read: go on only with what is known to be there, without waiting.
      if (taken.length > 0 && this.#next >= this.#end) break;
      const waitMs = taken.length > 0 ? 0 : Math.min(this.#core.limits.fetchWaitMs, Math.ceil(waiting.leftMs));
      const found = await this.#fetch(limits.maxBytes - bytes, waitMs, signal);
      if (!found && (taken.length > 0 || waiting.passed)) break;
    }
    return signal?.aborted === true ? [] : taken;
  }

  #restartAt(offset: number): void {
    this.#next = offset;
    this.#batches = [];
    this.#records = [];
    this.#end = -1;
  }

  /** The next record at or after #next that is here already. */
  async #peek(): Promise<StoredRecord | undefined> {
    for (;;) {
      while (this.#records.length > 0 && this.#records[0]!.offset < this.#next) this.#records.shift();
      if (this.#records.length > 0) return this.#records[0];
      const batch = this.#batches[0];
      if (batch === undefined) return undefined;
      if (batch.lastOffset >= this.#next) this.#records = await decodeBatch(batch, this.#name);
      this.#batches.shift();
      if (batch.lastOffset < this.#next) continue;
      // Offsets of a batch that holds no records (a transaction's marker) are passed over.
      if (this.#records.length === 0) this.#next = batch.lastOffset + 1;
    }
  }

  /** Whether anything came. */
  async #fetch(maxBytes: number, waitMs: number, signal?: AbortSignal): Promise<boolean> {
    const { cluster, limits } = this.#core;
    const asked = Math.min(limits.maxFetchBytes, Math.max(0, maxBytes) + FETCH_HEADROOM_BYTES);
    const fetching = cluster.retrying(
      `reading ${this.#name}`,
      new Deadline(limits.callTimeoutMs + waitMs),
      async () => {
        const leader = await cluster.leader(this.#topic, this.#partition);
        try {
          const fetched = await this.#ask(leader, asked, waitMs);
          if (fetched.errorCode !== 0) check(fetched.errorCode);
          return fetched;
        } catch (error) {
          if (errorType(error) === 'OFFSET_OUT_OF_RANGE') return undefined;
          cluster.forgetLeaders(this.#topic);
          throw error;
        }
      },
    );
    if (signal !== undefined && !(await untilAborted(fetching, signal))) return false;
    const fetched = await fetching;
    if (fetched === undefined) return this.#comeIntoRange(waitMs, signal);
    this.#end = fetched.highWatermark;
    this.#batches = splitBatches(fetched.batches);
    this.#core.counts.fetches++;
    this.#core.counts.fetchedBytes += fetched.batches.length;
    return this.#batches.length > 0;
  }

  async #ask(leader: number, maxBytes: number, waitMs: number): Promise<Fetched> {
    const { cluster, limits } = this.#core;
    const link = await cluster.borrowLink(leader);
    try {
      return await link.send(
        fetchRequest({
          topic: this.#topic,
          partition: this.#partition,
          offset: this.#next,
          waitMs,
          maxBytes,
        }),
        waitMs + limits.connectTimeoutMs,
      );
    } finally {
      cluster.giveBack(link);
    }
  }

  /** Below what is retained, reading goes on at its start. Beyond the end it waits a little. */
  async #comeIntoRange(waitMs: number, signal?: AbortSignal): Promise<boolean> {
    const { start, end } = await this.#core.bounds(this.#topic, this.#partition);
    this.#end = end;
    if (this.#next < start) {
      this.#core.counts.readsBehindRetention++;
      this.#core.warn(
        `${this.#name}: offsets ${this.#next} to ${start - 1} were dropped by retention before they were read`,
      );
      this.#next = start;
      return true;
    }
    if (this.#next > end) {
      // It may be a position that outlived its records, e.g. when a lone broker lost what it had not flushed.
      if (!this.#saidBeyond) this.#core.warn(`${this.#name}: reading waits at ${this.#next}, beyond the end at ${end}`);
      this.#saidBeyond = true;
      await pause(Math.min(waitMs, BEYOND_END_PAUSE_MS), signal);
    }
    return false;
  }
}

/** False when the signal aborted first; the work is then left behind. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return false;
  }
  let stop = (): void => undefined;
  const aborted = new Promise<boolean>((resolve) => {
    stop = () => resolve(false);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      aborted,
    ]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

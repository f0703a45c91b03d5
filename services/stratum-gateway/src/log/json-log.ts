// Records besides the shares on their way to the log, as JSON: batched, in order, retried. Bounded: at `maxPending` a new one is dropped
// and counted, since shares must never wait for it.
import type { LogRecord } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import type { ShareLog } from './share-log.ts';

const FLUSH_MS = 50;
const BATCH_RECORDS = 500;
const RETRY_MS = 500;
const STOP_ATTEMPTS = 10;

export interface JsonLogOptions {
  readonly topic: string;
  /** Of the records, so that what one gateway writes keeps its order. */
  readonly key: string;
  readonly maxPending: number;
  /** Of one append; 500 when left out, which small records need. */
  readonly batchRecords?: number;
  /** What they are, for people. */
  readonly what: string;
  readonly onDropped: (count: number) => void;
}

export class JsonLog<T> {
  readonly #log: ShareLog;
  readonly #options: JsonLogOptions;
  readonly #logger: Logger;
  #pending: LogRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #attemptsLeft = Infinity;

  constructor(log: ShareLog, options: JsonLogOptions, logger: Logger) {
    this.#log = log;
    this.#options = options;
    this.#logger = logger;
  }

  get pending(): number {
    return this.#pending.length;
  }

  add(record: T): void {
    const { key, maxPending, onDropped } = this.#options;
    if (this.#pending.length >= maxPending) return onDropped(1);
    this.#pending.push({ key, value: Buffer.from(JSON.stringify(record)) });
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  /** Appends what is pending; gives up after some attempts when the log is away, and counts the rest as dropped. */
  async stop(): Promise<void> {
    this.#attemptsLeft = STOP_ATTEMPTS;
    await this.#flush();
    this.#options.onDropped(this.#pending.length);
    this.#pending = [];
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flushing ??= this.#appendAll().finally(() => {
      this.#flushing = undefined;
      this.#timer = undefined;
    });
    return this.#flushing;
  }

  async #appendAll(): Promise<void> {
    const { batchRecords = BATCH_RECORDS } = this.#options;
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, batchRecords);
      try {
        await this.#log.append(this.#options.topic, batch);
        this.#pending = this.#pending.slice(batch.length);
      } catch (error) {
        const { what } = this.#options;
        this.#logger.error({ err: error, pending: this.#pending.length }, `${what} could not be appended to the log`);
        if (--this.#attemptsLeft <= 0) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

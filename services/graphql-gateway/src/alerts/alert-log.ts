// The topic `alerts`, followed: its fold as people look at it, and what they ask of whoever keeps the alerts, appended and waited for.
// Invariant: until everything that was in the topic at the start has been read, and while it cannot be read, nobody is told that there are
// no alerts. Bounded as AlertInbox is; a listener is told ids and keeps what it likes.
import { AlertInbox, decodeAlertRecord, encodeAlertRecord, type AlertRecord } from '@assay/alerting';
import { isCorrupt, nextReadable, TOPIC, type EventLog } from '@assay/event-log';

const PARTITION = 0;
const LIMITS = { maxRecords: 2000, maxBytes: 4 * 1_048_576, waitMs: 1000 } as const;
const RETRY_MS = 1000;

export interface AlertLogOptions {
  readonly log: EventLog;
  /** Told when the topic cannot be read, and of records gone past. */
  readonly onWarning: (message: string, error?: unknown) => void;
}

export class AlertLog {
  readonly inbox = new AlertInbox();
  readonly #options: AlertLogOptions;
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  /** Where the topic ended when this began; undefined while that is not known. */
  #target: number | undefined;
  readonly #caughtUp: Promise<void>;
  #reached!: () => void;
  #offset = 0;
  #failing = false;
  #stopping = false;

  constructor(options: AlertLogOptions) {
    this.#options = options;
    this.#caughtUp = new Promise((resolve) => (this.#reached = resolve));
    void this.#follow();
  }

  /** Resolves when the inbox has everything that was in the topic at the start; waits as long as the log is away. */
  caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** Whether the inbox has everything that was in the topic at the start. */
  get isCaughtUp(): boolean {
    return this.#target !== undefined && this.#offset >= this.#target;
  }

  /** Whether what is shown is what is so: it has caught up, and the last try to read the topic went well. */
  get isCurrent(): boolean {
    return this.isCaughtUp && !this.#failing;
  }

  /** Calls `listener` with the ids of alerts, or of tests of a channel, of which something is new. Returns how to stop that. */
  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once the records are durable. Throws LogError. */
  async append(records: readonly AlertRecord[]): Promise<void> {
    await this.#options.log.append(
      TOPIC.alerts,
      records.map((record) => ({ value: encodeAlertRecord(record) })),
      PARTITION,
    );
  }

  /** Resolves as soon as `done` holds, asked whenever something is new, or after `ms`; says whether it does. */
  async until(done: () => boolean, ms: number): Promise<boolean> {
    if (done()) return true;
    return new Promise((resolve) => {
      const end = (holds: boolean): void => {
        clearTimeout(timer);
        forget();
        resolve(holds);
      };
      const timer = setTimeout(() => end(done()), ms);
      const forget = this.onChange(() => {
        if (done()) end(true);
      });
    });
  }

  /** Follows no more. A read under way, which takes long while the log is away, is not waited for. */
  close(): void {
    this.#stopping = true;
  }

  async #follow(): Promise<void> {
    const { log, onWarning } = this.#options;
    while (!this.#stopping) {
      try {
        if (this.#target === undefined) {
          const { start, end } = await log.bounds(TOPIC.alerts, PARTITION);
          this.#offset = start;
          this.#target = end;
        }
        if (this.isCaughtUp) this.#reached();
        const records = await log.readFrom(TOPIC.alerts, PARTITION, this.#offset, LIMITS);
        if (this.#stopping) return;
        this.#failing = false;
        const changed = new Set<string>();
        for (const { offset, value } of records) {
          this.#offset = offset + 1;
          const record = decodeAlertRecord(value);
          if (record !== undefined) for (const id of this.inbox.apply(record)) changed.add(id);
          else onWarning(`record ${offset} of the topic alerts is none that this service knows`);
        }
        if (changed.size > 0) for (const listener of [...this.#listeners]) listener([...changed]);
      } catch (error) {
        if (this.#stopping) return;
        if (isCorrupt(error) && (await this.#wentPast(error))) continue;
        this.#failing = true;
        onWarning('the topic alerts cannot be read', error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #wentPast(error: unknown): Promise<boolean> {
    const from = this.#offset;
    try {
      this.#offset = await nextReadable(this.#options.log, TOPIC.alerts, PARTITION, from + 1);
      this.#options.onWarning(
        `records ${from} to ${this.#offset - 1} of the topic alerts are spoilt and left out`,
        error,
      );
      return true;
    } catch {
      return false;
    }
  }
}

// Worker events on their way to the log: batched, in order, retried. Bounded: at `maxPending` a new event is dropped and counted,
// since shares must never wait for it; the aggregator learns of a dropped disconnect by the gateway's next start or its silence.
import { TOPIC, type LogRecord } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import type { WorkerEvent } from '@assay/tenancy';
import type { GatewayTallies } from './gateway-tallies.ts';
import type { ShareLog } from './share-log.ts';

const FLUSH_MS = 50;
const BATCH_EVENTS = 500;
const RETRY_MS = 500;
const STOP_ATTEMPTS = 10;

export class WorkerEventLog {
  readonly #log: ShareLog;
  /** Keys the records, so that one gateway's events keep their order. */
  readonly #gateway: string;
  readonly #maxPending: number;
  readonly #logger: Logger;
  readonly #tallies: GatewayTallies;
  #pending: LogRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #attemptsLeft = Infinity;

  constructor(log: ShareLog, gateway: string, maxPending: number, logger: Logger, tallies: GatewayTallies) {
    this.#log = log;
    this.#gateway = gateway;
    this.#maxPending = maxPending;
    this.#logger = logger;
    this.#tallies = tallies;
  }

  get pending(): number {
    return this.#pending.length;
  }

  add(event: WorkerEvent): void {
    if (this.#pending.length >= this.#maxPending) {
      this.#tallies.droppedEvents++;
      return;
    }
    this.#pending.push({ key: this.#gateway, value: Buffer.from(JSON.stringify(event)) });
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  /** Appends what is pending; gives up after some attempts when the log is away. */
  async stop(): Promise<void> {
    this.#attemptsLeft = STOP_ATTEMPTS;
    await this.#flush();
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
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, BATCH_EVENTS);
      try {
        await this.#log.append(TOPIC.workerEvents, batch);
        this.#pending = this.#pending.slice(batch.length);
      } catch (error) {
        this.#logger.error(
          { err: error, events: this.#pending.length },
          'worker events could not be appended to the log',
        );
        if (--this.#attemptsLeft <= 0) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

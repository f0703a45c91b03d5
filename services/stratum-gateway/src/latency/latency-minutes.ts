// What was measured of each worker in the minute under way, and the records that come of it when it is over. Bounded: of workers beyond
// MAX_WORKERS in one minute nothing is kept, which is counted.
import { MICROS_PER_MINUTE } from '@assay/kernel';
import { MAX_TIMED_WORKERS, type TimedWorker, type WorkerLatencies } from '@assay/tenancy';

/** Five times the connections a gateway takes by default: behind proxies there are more workers than connections. */
export const MAX_WORKERS = 100_000;

interface Sums {
  answers: number;
  totalUs: number;
  slowestUs: number;
}

export class LatencyMinutes {
  readonly #gateway: string;
  readonly #onRecord: (record: WorkerLatencies) => void;
  readonly #onDropped: () => void;
  #minute = 0;
  #workers = new Map<string, Sums>();

  constructor(gateway: string, onRecord: (record: WorkerLatencies) => void, onDropped: () => void) {
    this.#gateway = gateway;
    this.#onRecord = onRecord;
    this.#onDropped = onDropped;
  }

  add(worker: string, latencyUs: number, nowUs: number): void {
    this.passed(nowUs);
    const sums = this.#workers.get(worker);
    if (sums === undefined) {
      if (this.#workers.size >= MAX_WORKERS) return this.#onDropped();
      this.#workers.set(worker, { answers: 1, totalUs: latencyUs, slowestUs: latencyUs });
      return;
    }
    sums.answers++;
    sums.totalUs += latencyUs;
    sums.slowestUs = Math.max(sums.slowestUs, latencyUs);
  }

  /** Hands on a minute that is over. A clock that goes back adds to the minute it had reached. */
  passed(nowUs: number): void {
    const minute = Math.floor(nowUs / MICROS_PER_MINUTE);
    if (minute <= this.#minute) return;
    this.handOn();
    this.#minute = minute;
  }

  /** Hands on what there is, of a minute that is not over as well; what comes of it later adds to it. */
  handOn(): void {
    if (this.#workers.size === 0) return;
    const atUs = this.#minute * MICROS_PER_MINUTE;
    const timed = Array.from(this.#workers, ([worker, { answers, totalUs, slowestUs }]): TimedWorker => [
      worker,
      answers,
      totalUs,
      slowestUs,
    ]);
    this.#workers = new Map();
    for (let at = 0; at < timed.length; at += MAX_TIMED_WORKERS)
      this.#onRecord({ gateway: this.#gateway, atUs, workers: timed.slice(at, at + MAX_TIMED_WORKERS) });
  }
}

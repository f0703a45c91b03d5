// The workers authorized at present, one record per username however many connections it has, and who may be one.
// Invariant: a record exists exactly while a connection holds it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorization, NamedWorker } from '@assay/stratum';
import type { PasswordOptions, WorkerName } from '@assay/tenancy';
import type { KnownWorker } from './worker-file.ts';

export class WorkerRecord implements NamedWorker {
  readonly name: WorkerName;
  expectedHashRateHs: number | undefined;
  reportingIntervalSeconds: number | undefined;
  /** Connections on which it is authorized. */
  connections = 0;
  /** The share batch this record has a place in, and the place: saves a lookup per share. */
  batchSerial = 0;
  batchCode = 0;

  constructor(name: WorkerName) {
    this.name = name;
  }
}

export type LastDifficulty = (worker: string) => number | undefined;

export class WorkerRegistry {
  readonly #known: ReadonlyMap<string, KnownWorker>;
  readonly #lastDifficulty: LastDifficulty;
  readonly #records = new Map<string, WorkerRecord>();

  constructor(known: ReadonlyMap<string, KnownWorker>, lastDifficulty: LastDifficulty) {
    this.#known = known;
    this.#lastDifficulty = lastDifficulty;
  }

  /** Workers authorized now. */
  get size(): number {
    return this.#records.size;
  }

  /** Whether this worker may mine, with its record, which the caller holds only after `hold`. */
  authorize(name: WorkerName, options: PasswordOptions): Authorization<WorkerRecord> {
    const known = this.#known.get(name.worker);
    if (known?.secret !== undefined && !sameSecret(known.secret, options.secret))
      return { allowed: false, message: 'Wrong password' };
    const record = this.#records.get(name.worker) ?? new WorkerRecord(name);
    record.expectedHashRateHs = options.expectedHashRateHs ?? known?.expectedHashRateHs ?? record.expectedHashRateHs;
    record.reportingIntervalSeconds = options.reportingIntervalSeconds ?? record.reportingIntervalSeconds;
    return { allowed: true, worker: record, lastKnownDifficulty: this.#lastDifficulty(name.worker) };
  }

  hold(record: WorkerRecord): void {
    if (record.connections++ === 0) this.#records.set(record.name.worker, record);
  }

  release(record: WorkerRecord): void {
    if (--record.connections === 0) this.#records.delete(record.name.worker);
  }
}

/** In constant time, whatever the lengths: the hashes are compared. */
function sameSecret(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}

// Sees to it that there is a snapshot of the fold long before retention takes the beginning of the control log. Of several services that do, the one
// whose turn comes first writes it, and the others find it there.
import type { EventLog } from '@assay/event-log';
import type { ControlState } from '@assay/tenancy';
import { newestSnapshot, writeSnapshot } from './snapshots.ts';

/** A quarter of what the topic keeps. */
const EVERY_BYTES = 64 * 1_048_576;
/** Services reach the same record at the same time; they look whether another has written it after up to so long. */
const TURN_MS = 10_000;

export interface SnapshotKeeperOptions {
  /** Of changes between two snapshots. */
  readonly everyBytes?: number;
  readonly turnMs?: number;
  readonly random?: () => number;
}

export class SnapshotKeeper {
  readonly #log: EventLog;
  readonly #onWarning: (message: string, error?: unknown) => void;
  readonly #everyBytes: number;
  readonly #turnMs: number;
  readonly #random: () => number;
  /** Of the control log since the newest snapshot, as far as this has read. */
  #bytes = 0;
  /** The first record that the newest snapshot known here does not hold. */
  #next = 0;
  #turn: NodeJS.Timeout | undefined;
  #writing = false;

  constructor(log: EventLog, onWarning: (message: string, error?: unknown) => void, options: SnapshotKeeperOptions) {
    const { everyBytes = EVERY_BYTES, turnMs = TURN_MS, random = Math.random } = options;
    this.#log = log;
    this.#onWarning = onWarning;
    this.#everyBytes = everyBytes;
    this.#turnMs = turnMs;
    this.#random = random;
  }

  /** There is a snapshot that holds everything before `next`. */
  found(next: number): void {
    this.#next = next;
  }

  /** The fold has gone over a record. @param current says what the fold is, and which record it has not yet gone over, when it is time */
  passed(offset: number, bytes: number, current: () => { readonly state: ControlState; readonly next: number }): void {
    if (offset < this.#next) return;
    this.#bytes += bytes;
    if (this.#bytes < this.#everyBytes || this.#turn !== undefined || this.#writing) return;
    this.#turn = setTimeout(() => {
      this.#turn = undefined;
      void this.#write(current());
    }, this.#random() * this.#turnMs);
    this.#turn.unref();
  }

  close(): void {
    clearTimeout(this.#turn);
  }

  async #write({ state, next }: { readonly state: ControlState; readonly next: number }): Promise<void> {
    this.#writing = true;
    try {
      const newest = await newestSnapshot(this.#log);
      const writtenByAnother = newest !== undefined && newest.next > this.#next;
      if (!writtenByAnother) await writeSnapshot(this.#log, state, next);
      this.#next = writtenByAnother ? newest.next : next;
      this.#bytes = 0;
    } catch (error) {
      this.#onWarning(
        "the control log's snapshot could not be written; it is tried again with the next changes",
        error,
      );
    } finally {
      this.#writing = false;
    }
  }
}

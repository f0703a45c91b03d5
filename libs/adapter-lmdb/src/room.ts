// Keeps room in the log: sweeps retention now and then, refuses appends for which there is none, and brings the log through a full disk.
// On a full disk appends are refused without trying (what they would take is kept for retention and commits), until retention dropped something, whose
// pages LMDB then reuses, or the disk has its reserve back.
import { LogError } from '@assay/event-log';
import type { DiskReserve } from './disk-reserve.ts';
import type { LmdbLogLimits } from './limits.ts';

/** What takes the room, and how some of it is given back. */
export interface Kept {
  readonly storedBytes: number;
  readonly counts: { readonly droppedRecords: number };
  sweep(): Promise<void>;
}

export type RoomLimits = Pick<LmdbLogLimits, 'maxPendingBytes' | 'maxStoredBytes' | 'retentionIntervalMs'>;

export class Room {
  readonly #kept: Kept;
  readonly #reserve: DiskReserve;
  readonly #limits: RoomLimits;
  readonly #warn: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Set while a round runs or is due at once, so that a flood of refusals asks for one only. */
  #urgent = false;
  #round: Promise<void> | undefined;
  #diskFull = false;
  /** What had been dropped when the disk was found full: anything more has made room. */
  #droppedWhenFull = 0;
  #closed = false;

  constructor(kept: Kept, reserve: DiskReserve, limits: RoomLimits, warn: (message: string) => void) {
    this.#kept = kept;
    this.#reserve = reserve;
    this.#limits = limits;
    this.#warn = warn;
    this.#soon();
  }

  /** Whether the disk was found full and has no room since. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  /** Throws LogError 'full', retriable, when `pendingBytes`, those of this append included, have no place. */
  check(topic: string, pendingBytes: number): void {
    const { maxPendingBytes, maxStoredBytes } = this.#limits;
    if (pendingBytes > maxPendingBytes) {
      throw full(`${pendingBytes} bytes would be waiting for the disk, ${maxPendingBytes} may (append to ${topic})`);
    }
    if (this.#diskFull) throw full(`the disk is full (append to ${topic})`);
    const stored = this.#kept.storedBytes;
    if (stored + pendingBytes > maxStoredBytes) {
      this.#soon();
      throw full(`the log holds ${stored} bytes of at most ${maxStoredBytes} (append to ${topic})`);
    }
  }

  /** A transaction failed. */
  failed(failure: LogError): void {
    if (failure.code !== 'full') return;
    if (!this.#diskFull) {
      this.#diskFull = true;
      this.#droppedWhenFull = this.#kept.counts.droppedRecords;
      this.#warn(`${failure.message}; appends are refused until there is room`);
    }
    // Also when it was given up before: what came back of it since is room that dropping records needs.
    this.#reserve.release().then(
      () => this.#soon(),
      (error: unknown) => this.#warn(`the reserve could not be given up: ${String(error)}`),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #soon(): void {
    if (this.#urgent || this.#closed) return;
    this.#urgent = true;
    this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#urgent = true;
      this.#round = this.#makeRoom()
        .catch((error: unknown) => this.#warn(`retention could not drop old records: ${String(error)}`))
        .finally(() => {
          this.#urgent = false;
          if (!this.#closed) this.#schedule(this.#limits.retentionIntervalMs);
        });
    }, delayMs);
    // Keeping room keeps no process alive.
    this.#timer.unref();
  }

  async #makeRoom(): Promise<void> {
    await this.#kept.sweep();
    const whole = await this.#reserve.restore();
    if (this.#diskFull && (whole || this.#kept.counts.droppedRecords > this.#droppedWhenFull)) {
      this.#diskFull = false;
      this.#warn('there is room again; appends are taken');
    }
  }
}

const full = (message: string): LogError => new LogError('full', message, { retriable: true });

// The last minutes of a number, one cell each, with their sum. A minute that nobody handed in is unknown, and takes no part.

/** Cells of a ring of so many minutes: its sum, its known minutes, and theirs. */
export const ringCells = (windowMinutes: number): number => 2 + windowMinutes;

const SUM = 0;
const KNOWN = 1;
const VALUES = 2;
/** No value here is negative. */
const UNKNOWN_VALUE = -1;

/** A view of the ring whose cells begin at `at` in a detector's state. */
export class MinuteRing {
  readonly #cells: number[];
  readonly #at: number;
  readonly #length: number;

  constructor(cells: number[], at: number, windowMinutes: number) {
    this.#cells = cells;
    this.#at = at;
    this.#length = windowMinutes;
  }

  /** Makes all minutes unknown. */
  clear(): void {
    this.#cells.fill(UNKNOWN_VALUE, this.#at + VALUES, this.#at + VALUES + this.#length);
    this.#cells[this.#at + SUM] = this.#cells[this.#at + KNOWN] = 0;
  }

  /** Moves on to `minute`, with its value; minutes since `lastMinute` that were left out become unknown. */
  push(minute: number, lastMinute: number, value: number): void {
    this.skip(minute, lastMinute);
    this.#set(minute, value);
  }

  /** Moves on to `minute`, which is unknown like those left out before it. */
  skip(minute: number, lastMinute: number): void {
    if (minute - lastMinute > this.#length) this.clear();
    else for (let m = lastMinute + 1; m <= minute; m++) this.#set(m, UNKNOWN_VALUE);
  }

  /** Adds to a minute that is still in the window; `lastMinute` is the newest of it. */
  add(minute: number, lastMinute: number, value: number): void {
    const cell = this.#cell(minute);
    if (minute > lastMinute - this.#length && minute <= lastMinute && this.#cells[cell]! >= 0)
      this.#set(minute, this.#cells[cell]! + value);
  }

  get sum(): number {
    return this.#cells[this.#at + SUM]!;
  }

  get known(): number {
    return this.#cells[this.#at + KNOWN]!;
  }

  #cell(minute: number): number {
    return this.#at + VALUES + (minute % this.#length);
  }

  #set(minute: number, value: number): void {
    const cell = this.#cell(minute);
    const before = this.#cells[cell]!;
    this.#cells[cell] = value;
    const known = (value >= 0 ? 1 : 0) - (before >= 0 ? 1 : 0);
    this.#cells[this.#at + KNOWN]! += known;
    // Subtracting what was added does not always give back the same double, so an empty ring is set to nothing.
    const sum = this.sum + Math.max(0, value) - Math.max(0, before);
    this.#cells[this.#at + SUM] = this.known === 0 ? 0 : Math.max(0, sum);
  }
}

// Long work on the answering thread, in slices: between two of them whatever waits has its turn, so that nobody waits for the whole of it.
import { setImmediate } from 'node:timers/promises';

/** The longest that others wait, as far as a step of the work is short. */
const SLICE_MS = 5;
/** Steps after which the clock is looked at, which takes as long as a short step. */
const STEPS_BETWEEN_LOOKS = 32;

export class Slices {
  #endsAtMs = performance.now() + SLICE_MS;
  #steps = 0;

  /** Asked after every step of the work; a step should take some microseconds. */
  isOver(): boolean {
    return ++this.#steps % STEPS_BETWEEN_LOOKS === 0 && performance.now() >= this.#endsAtMs;
  }

  /** Lets the others have their turn. */
  async next(): Promise<void> {
    await setImmediate();
    this.#endsAtMs = performance.now() + SLICE_MS;
  }
}

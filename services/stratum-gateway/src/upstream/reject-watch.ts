// Whether a pool refuses most of what it gets: something is wrong with it, or with what it makes of us, and another endpoint does better.
// Stale and duplicate shares do not count: they come in a burst after every new block and every lost connection.

/** Answers looked back at, and the fewest that say anything. */
const WINDOW = 64;
const LEAST = 32;

export class RejectWatch {
  readonly #refused: boolean[] = [];

  /** Takes an answer. True when more than half of the last ones were refusals. */
  answered(accepted: boolean, reason: string): boolean {
    if (!accepted && /^2[12]\b|stale|duplicate|job not found/i.test(reason)) return false;
    this.#refused.push(!accepted);
    if (this.#refused.length > WINDOW) this.#refused.shift();
    const refusals = this.#refused.filter(Boolean).length;
    return this.#refused.length >= LEAST && 2 * refusals > this.#refused.length;
  }
}

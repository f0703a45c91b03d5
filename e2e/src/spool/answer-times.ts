// How long miners waited for their answers, as they see it.
import type { Answer, Work } from '@assay/sim';

export class AnswerTimes {
  /** When each share was sent, by its work and nonce, milliseconds; let go of with the work. */
  readonly #sent = new WeakMap<Work, Map<number, number>>();
  #times: number[] = [];

  readonly submitted = (work: Work, nonce: number): void => {
    let nonces = this.#sent.get(work);
    if (nonces === undefined) this.#sent.set(work, (nonces = new Map()));
    nonces.set(nonce, performance.now());
  };

  readonly answered = ({ work, nonce }: Answer): void => {
    const sent = this.#sent.get(work)?.get(nonce);
    if (sent === undefined) return;
    this.#times.push(performance.now() - sent);
    this.#sent.get(work)!.delete(nonce);
  };

  /** Times of the answers since the last call, milliseconds, in order of length. */
  take(): Float64Array {
    const times = Float64Array.from(this.#times).sort();
    this.#times = [];
    return times;
  }
}

export function quantile(sorted: Float64Array, at: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? NaN;
}

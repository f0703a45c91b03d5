// How long miners wait for the answers to their submits.
import { assert } from '@assay/kernel';
import type { Work } from '@assay/sim';

export class SubmitLatency {
  readonly #sentAtMs = new Map<Work, Map<number, number>>();
  readonly #latenciesMs: number[] = [];

  get count(): number {
    return this.#latenciesMs.length;
  }

  sent(work: Work, nonce: number): void {
    let nonces = this.#sentAtMs.get(work);
    if (nonces === undefined) this.#sentAtMs.set(work, (nonces = new Map()));
    nonces.set(nonce, performance.now());
  }

  /** Answers to submits that were sent before this began to record are not counted. */
  answered(work: Work, nonce: number): void {
    const nonces = this.#sentAtMs.get(work);
    const sentAtMs = nonces?.get(nonce);
    if (nonces === undefined || sentAtMs === undefined) return;
    this.#latenciesMs.push(performance.now() - sentAtMs);
    nonces.delete(nonce);
    if (nonces.size === 0) this.#sentAtMs.delete(work);
  }

  /** Milliseconds. Submits that were never answered count as long as they have waited by now. @param fraction 0.99 for p99 */
  percentile(fraction: number): number {
    const nowMs = performance.now();
    const waiting = [...this.#sentAtMs.values()].flatMap((nonces) =>
      [...nonces.values()].map((sentAtMs) => nowMs - sentAtMs),
    );
    const sorted = [...this.#latenciesMs, ...waiting].sort((a, b) => a - b);
    assert(sorted.length > 0, 'no submit was recorded');
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))]!;
  }
}

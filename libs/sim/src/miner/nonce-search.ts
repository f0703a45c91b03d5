// Looks for nonces the honest way: by hashing. The number of hashes spent is the machine's hash rate, so its shares are a real Poisson process.
import { meetsTarget } from '@assay/mining';
import type { Prover } from '@assay/pow';

const HEADER_BYTES = 80;
const NONCE_OFFSET = 76;
const LANES = 256;

export class NonceSearch {
  readonly #prover: Prover;
  readonly #headers = new Uint8Array(HEADER_BYTES * LANES);
  readonly #view = new DataView(this.#headers.buffer);
  readonly #hashes = new Uint8Array(32 * LANES);

  constructor(prover: Prover) {
    this.#prover = prover;
  }

  /**
   * Hashes up to `count` nonces from `firstNonce` on and calls `found` for each that meets the target;
   * `found` returns whether to go on with this header. Returns how many were hashed.
   */
  search(
    header: Uint8Array,
    target: Uint8Array,
    firstNonce: number,
    count: number,
    found: (nonce: number) => boolean,
  ): number {
    for (let lane = 0; lane < Math.min(LANES, count); lane++) this.#headers.set(header, lane * HEADER_BYTES);
    let done = 0;
    while (done < count) {
      const lanes = Math.min(LANES, count - done);
      for (let lane = 0; lane < lanes; lane++) {
        this.#view.setUint32(lane * HEADER_BYTES + NONCE_OFFSET, (firstNonce + done + lane) >>> 0, true);
      }
      this.#prover.hashHeaders(this.#headers.subarray(0, lanes * HEADER_BYTES), this.#hashes);
      for (let lane = 0; lane < lanes; lane++) {
        if (meetsTarget(this.#hashes, lane * 32, target) && !found((firstNonce + done + lane) >>> 0))
          return done + lane + 1;
      }
      done += lanes;
    }
    return done;
  }
}

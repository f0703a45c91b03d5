// Extranonces: the bytes between the coinbase halves. extranonce1 is the pool's, unique per connection, so that no two
// connections search the same space; extranonce2 is the miner's to count through.
// Invariant: an extranonce1 is held by at most one connection at a time.

/** Bytes of an extranonce1 where nothing else is configured. */
export const EXTRANONCE1_BYTES = 4;
/** Bound of either one. */
export const MAX_EXTRANONCE_BYTES = 16;

/** Hands out extranonce1 values: a fixed prefix (of the gateway) and a counter of 1 to 4 bytes that skips what is held. */
export class Extranonce1Space {
  readonly #prefix: Uint8Array;
  readonly #counterBytes: number;
  readonly #values: number;
  readonly #held = new Set<number>();
  #next: number;

  /**
   * @param prefix bytes that tell this gateway from every other one with the same jobs
   * @param size bytes of an extranonce1, 1 to 4 more than the prefix
   * @param start where the counter begins; random, so that a restart does not hand the same spaces out again
   */
  constructor(prefix: Uint8Array, size: number, start: number) {
    this.#counterBytes = size - prefix.length;
    if (!Number.isInteger(size) || this.#counterBytes < 1 || this.#counterBytes > 4 || size > MAX_EXTRANONCE_BYTES) {
      throw new RangeError(
        `extranonce1 of ${size} bytes does not fit a prefix of ${prefix.length} bytes and a counter of 1 to 4`,
      );
    }
    this.#prefix = Uint8Array.from(prefix);
    this.#values = 2 ** (8 * this.#counterBytes);
    this.#next = Math.abs(Math.trunc(start)) % this.#values;
  }

  /** Values held at present. */
  get held(): number {
    return this.#held.size;
  }

  /** An extranonce1 nobody holds, or undefined when all are held: the connection must be refused. */
  acquire(): Uint8Array | undefined {
    if (this.#held.size === this.#values) return undefined;
    while (this.#held.has(this.#next)) this.#next = (this.#next + 1) % this.#values;
    const value = this.#next;
    this.#held.add(value);
    this.#next = (value + 1) % this.#values;
    const out = new Uint8Array(this.#prefix.length + this.#counterBytes);
    out.set(this.#prefix);
    for (let i = 0; i < this.#counterBytes; i++) out[out.length - 1 - i] = Math.floor(value / 2 ** (8 * i)) & 0xff;
    return out;
  }

  /** Gives an extranonce1 back when its connection is closed. */
  release(extranonce1: Uint8Array): void {
    let value = 0;
    for (let i = this.#prefix.length; i < extranonce1.length; i++) value = value * 256 + extranonce1[i]!;
    this.#held.delete(value);
  }
}

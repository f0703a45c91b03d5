// Remembers the shares one connection sent for one job, by their canonical bytes (extranonce2, ntime, nonce, version bits), so
// that the same share is never counted twice however it was spelled. Exact: neither false positives nor false negatives.
// Bounded: when `capacity` shares are held a new one is answered 'full', and the caller refuses it (as rate_limited), since a
// share that cannot be remembered could be counted twice. Memory is allocated with the first share; grows by doubling, to
// some 32 bytes a share with an 8-byte extranonce2.

export type DuplicateAnswer = 'new' | 'duplicate' | 'full';

/** Shares remembered per connection and job: 15 minutes of one job at 18 a second. */
export const DUPLICATE_CAPACITY = 16_384;

const FIRST_SLOTS = 8;

export class DuplicateFilter {
  readonly #extranonce2Bytes: number;
  readonly #entryWords: number;
  readonly #capacity: number;
  readonly #seed: number;
  /** Entries in order of arrival; an entry is the extranonce2 padded to words, then ntime, nonce and version bits. */
  #entries: Uint32Array | undefined;
  /** Open addressing by linear probing, at most half full: 0 is free, else the entry's index + 1. */
  #slots: Uint32Array | undefined;
  #count = 0;

  /**
   * @param extranonce2Bytes the length every extranonce2 of this connection has
   * @param capacity shares remembered at most
   * @param seed stirs the hash, so that a miner cannot choose shares that collide; any integer the miner does not know
   */
  constructor(extranonce2Bytes: number, capacity: number = DUPLICATE_CAPACITY, seed = 0) {
    this.#extranonce2Bytes = extranonce2Bytes;
    this.#entryWords = Math.ceil(extranonce2Bytes / 4) + 3;
    this.#capacity = capacity;
    this.#seed = seed | 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Remembers the share unless it is known or the filter is full. `extranonce2` must have the length given to the constructor. */
  add(extranonce2: Uint8Array, ntime: number, nonce: number, versionBits: number): DuplicateAnswer {
    if (extranonce2.length !== this.#extranonce2Bytes)
      throw new RangeError(`extranonce2 must be ${this.#extranonce2Bytes} bytes, got ${extranonce2.length}`);
    let entries = (this.#entries ??= new Uint32Array((FIRST_SLOTS / 2 + 1) * this.#entryWords));
    let slots = (this.#slots ??= new Uint32Array(FIRST_SLOTS));
    const words = this.#entryWords;

    // The candidate is written behind the last entry, where it stays if it is new.
    const at = this.#count * words;
    entries.fill(0, at, at + words);
    for (let i = 0; i < extranonce2.length; i++) entries[at + (i >> 2)]! |= extranonce2[i]! << (8 * (i & 3));
    entries[at + words - 3] = ntime;
    entries[at + words - 2] = nonce;
    entries[at + words - 1] = versionBits;

    let slot = this.#hash(entries, at) & (slots.length - 1);
    for (let index = slots[slot]!; index !== 0; index = slots[slot]!) {
      if (sameEntry(entries, (index - 1) * words, at, words)) return 'duplicate';
      slot = (slot + 1) & (slots.length - 1);
    }
    if (this.#count === this.#capacity) return 'full';
    slots[slot] = ++this.#count;
    if (this.#count * 2 >= slots.length) {
      entries = this.#entries = grown(entries, (slots.length + 1) * words);
      slots = this.#slots = new Uint32Array(slots.length * 2);
      this.#fillSlots(entries, slots);
    }
    return 'new';
  }

  #fillSlots(entries: Uint32Array, slots: Uint32Array): void {
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#hash(entries, index * this.#entryWords) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = index + 1;
    }
  }

  /** Multiply and shift over the words, as in MurmurHash3's finaliser. */
  #hash(entries: Uint32Array, at: number): number {
    let h = this.#seed;
    for (let i = at; i < at + this.#entryWords; i++) {
      h = Math.imul(h ^ entries[i]!, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h ^= h >>> 16;
    }
    return h;
  }
}

function sameEntry(entries: Uint32Array, a: number, b: number, words: number): boolean {
  for (let i = 0; i < words; i++) if (entries[a + i] !== entries[b + i]) return false;
  return true;
}

function grown(entries: Uint32Array, length: number): Uint32Array {
  const out = new Uint32Array(length);
  out.set(entries);
  return out;
}

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
    let entries = (this.#entries ??= new Uint32Array((FIRST_SLOTS / 2 + 1) * this.#entryWords));
    let slots = (this.#slots ??= new Uint32Array(FIRST_SLOTS));
    const slot = this.#find(entries, slots, extranonce2, ntime, nonce, versionBits);
    if (slots[slot] !== 0) return 'duplicate';
    if (this.#count === this.#capacity) return 'full';
    slots[slot] = ++this.#count;
    if (this.#count * 2 >= slots.length) {
      entries = this.#entries = grown(entries, (slots.length + 1) * this.#entryWords);
      slots = this.#slots = new Uint32Array(slots.length * 2);
      this.#fillSlots(entries, slots);
    }
    return 'new';
  }

  /** Remembers the share no longer, if it did. */
  forget(extranonce2: Uint8Array, ntime: number, nonce: number, versionBits: number): void {
    const [entries, slots, words] = [this.#entries, this.#slots, this.#entryWords];
    if (entries === undefined || slots === undefined) return;
    const slot = this.#find(entries, slots, extranonce2, ntime, nonce, versionBits);
    const index = slots[slot]!;
    if (index === 0) return;
    this.#vacate(entries, slots, slot);
    const last = this.#count--;
    if (index === last) return;
    // The last entry takes the place that became free.
    let slotOfLast = this.#home(entries, slots, last);
    while (slots[slotOfLast] !== last) slotOfLast = (slotOfLast + 1) & (slots.length - 1);
    slots[slotOfLast] = index;
    entries.copyWithin((index - 1) * words, (last - 1) * words, last * words);
  }

  /** Frees a slot and closes the gap it leaves, so that probing still finds what lies behind. */
  #vacate(entries: Uint32Array, slots: Uint32Array, slot: number): void {
    const mask = slots.length - 1;
    let gap = slot;
    for (let at = (gap + 1) & mask; slots[at] !== 0; at = (at + 1) & mask) {
      // An entry may move back to the gap unless its home lies between the two.
      if (((at - this.#home(entries, slots, slots[at]!)) & mask) < ((at - gap) & mask)) continue;
      slots[gap] = slots[at]!;
      gap = at;
    }
    slots[gap] = 0;
  }

  #home(entries: Uint32Array, slots: Uint32Array, index: number): number {
    return this.#hash(entries, (index - 1) * this.#entryWords) & (slots.length - 1);
  }

  /** The slot that holds the share's index, or the free one where it belongs. Leaves the share behind the last entry, where it stays if it is new. */
  #find(
    entries: Uint32Array,
    slots: Uint32Array,
    extranonce2: Uint8Array,
    ntime: number,
    nonce: number,
    versionBits: number,
  ): number {
    if (extranonce2.length !== this.#extranonce2Bytes)
      throw new RangeError(`extranonce2 must be ${this.#extranonce2Bytes} bytes, got ${extranonce2.length}`);
    const words = this.#entryWords;
    const at = this.#count * words;
    entries.fill(0, at, at + words);
    for (let i = 0; i < extranonce2.length; i++) entries[at + (i >> 2)]! |= extranonce2[i]! << (8 * (i & 3));
    entries[at + words - 3] = ntime;
    entries[at + words - 2] = nonce;
    entries[at + words - 1] = versionBits;
    let slot = this.#hash(entries, at) & (slots.length - 1);
    for (let index = slots[slot]!; index !== 0; index = slots[slot]!) {
      if (sameEntry(entries, (index - 1) * words, at, words)) break;
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  #fillSlots(entries: Uint32Array, slots: Uint32Array): void {
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#home(entries, slots, index + 1);
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

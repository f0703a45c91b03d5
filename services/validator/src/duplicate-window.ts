// Remembers which shares were proven good lately in one partition, so that none counts twice: a gateway may append a block twice
// (its log timed out, its spool was replayed), and a compromised one may send a miner's share again.
// A share is known by the hash of its header, which covers job, extranonces, ntime, nonce and version, however they were spelled.
// Exact within its window: a share is a duplicate if the same hash was among the last `shares` proven shares, in a submitted
// record at most `records` offsets before. So a verdict is a function of the log's contents alone, and a restarted validator
// that has read the window's shares back from shares.verified judges as the one before it would have.
import { assert } from '@assay/kernel';

/** Of a hash, its low 16 bytes: the high ones are zero in good shares. 128 bits do not collide by chance. */
const KEY_WORDS = 4;

export class DuplicateWindow {
  readonly #shares: number;
  readonly #records: number;
  /** A ring of the last proven shares: the key and the offset of the record each was in. */
  readonly #keys: Int32Array;
  readonly #offsets: Float64Array;
  #next = 0;
  #filled = 0;
  /** Open addressing by linear probing, at most half full: 0 is free, else the place in the ring + 1. */
  readonly #slots: Int32Array;

  /**
   * @param shares proven shares remembered
   * @param records how far apart two submitted records may be for a share of one to be a duplicate of the other's
   */
  constructor(shares: number, records: number) {
    assert(Number.isInteger(shares) && shares >= 1 && records >= 0, 'a duplicate window needs room for a share');
    this.#shares = shares;
    this.#records = records;
    this.#keys = new Int32Array(shares * KEY_WORDS);
    this.#offsets = new Float64Array(shares);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * shares + 1)));
  }

  get count(): number {
    return this.#filled;
  }

  /**
   * Remembers a proven share as the newest, whether or not it is a duplicate.
   * @param hashes where its 32-byte hash begins at `at`
   * @param offset of the submitted record it is in; offsets never decrease from call to call
   * @returns whether it is a duplicate
   */
  mark(hashes: Uint8Array, at: number, offset: number): boolean {
    if (this.#filled === this.#shares) this.#forget(this.#next);
    else this.#filled++;
    const place = this.#next;
    const keys = this.#keys;
    for (let word = 0; word < KEY_WORDS; word++) {
      const from = at + 4 * word;
      keys[place * KEY_WORDS + word] =
        hashes[from]! | (hashes[from + 1]! << 8) | (hashes[from + 2]! << 16) | (hashes[from + 3]! << 24);
    }
    this.#offsets[place] = offset;
    this.#next = (place + 1) % this.#shares;

    const slot = this.#find(place);
    const known = this.#slots[slot]!;
    this.#slots[slot] = place + 1;
    return known !== 0 && offset - this.#offsets[known - 1]! <= this.#records;
  }

  /** The slot that holds an equal key, or the free one where it belongs. */
  #find(place: number): number {
    const slots = this.#slots;
    let slot = this.#home(place);
    for (let held = slots[slot]!; held !== 0 && !this.#same(held - 1, place); held = slots[slot]!)
      slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  /** Takes the oldest share out, unless a later equal one has taken its slot, and closes the gap it leaves. */
  #forget(place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = this.#find(place);
    if (slots[gap] !== place + 1) return;
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      // An entry may move back to the gap unless its home lies between the two.
      const home = this.#home(slots[slot]! - 1);
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot]!;
      gap = slot;
    }
    slots[gap] = 0;
  }

  /** A hash is random already; whoever could choose its low bits would have to mine for each choice. */
  #home(place: number): number {
    return this.#keys[place * KEY_WORDS]! & (this.#slots.length - 1);
  }

  #same(a: number, b: number): boolean {
    const keys = this.#keys;
    for (let word = 0; word < KEY_WORDS; word++)
      if (keys[a * KEY_WORDS + word] !== keys[b * KEY_WORDS + word]) return false;
    return true;
  }
}

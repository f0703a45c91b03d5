// Where attackers come from. Linux lets every address of 127.0.0.0/8 be one's own, so each kind of attack has a network of its own: one
// that is banned goes on from its next address, as somebody does who has a botnet.

export class HostileAddresses {
  readonly #network: number;
  readonly #count: number;
  readonly #first: number;
  #next = 0;

  /** @param network second part of its addresses, 1 to 255; @param count how many it has, up to 60,000 with the `first` before them */
  constructor(network: number, count: number, first = 0) {
    this.#network = network;
    this.#count = count;
    this.#first = first;
  }

  /** Each in turn. */
  next(): string {
    const at = this.#first + (this.#next++ % this.#count);
    return `127.${this.#network}.${Math.floor(at / 250)}.${(at % 250) + 1}`;
  }
}

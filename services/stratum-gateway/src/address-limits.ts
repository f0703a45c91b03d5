// How many connections an address has open, and how fast it opens them. Bounded: an address is kept while it has connections or
// has used up part of its burst within the last seconds; `forgetQuiet` drops the others.
import { TokenBucket } from './token-bucket.ts';

export interface AddressLimitSettings {
  readonly maxConnectionsPerAddress: number;
  readonly acceptsPerSecond: number;
}

const BURST_SECONDS = 10;

class Address {
  open = 0;
  lastUs = 0;
  readonly bucket: TokenBucket;

  constructor(bucket: TokenBucket) {
    this.bucket = bucket;
  }
}

export class AddressLimits {
  readonly #settings: AddressLimitSettings;
  readonly #addresses = new Map<string, Address>();

  constructor(settings: AddressLimitSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#addresses.size;
  }

  /** Counts a connection in, or says why it must be refused. */
  open(name: string, nowUs: number): 'opened' | 'too_many_from_address' | 'accepts_too_fast' {
    const { maxConnectionsPerAddress, acceptsPerSecond } = this.#settings;
    const burst = acceptsPerSecond * BURST_SECONDS;
    let address = this.#addresses.get(name);
    if (address === undefined) this.#addresses.set(name, (address = new Address(new TokenBucket(burst, nowUs))));
    address.lastUs = nowUs;
    if (address.open >= maxConnectionsPerAddress) return 'too_many_from_address';
    if (!address.bucket.take(nowUs, acceptsPerSecond, burst)) return 'accepts_too_fast';
    address.open++;
    return 'opened';
  }

  close(name: string): void {
    const address = this.#addresses.get(name);
    if (address !== undefined) address.open--;
  }

  /** Drops addresses without connections whose bucket is full again. */
  forgetQuiet(nowUs: number): void {
    for (const [name, address] of this.#addresses) {
      if (address.open <= 0 && nowUs - address.lastUs > BURST_SECONDS * 1e6) this.#addresses.delete(name);
    }
  }
}

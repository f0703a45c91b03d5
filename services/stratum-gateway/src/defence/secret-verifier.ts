// Checks secrets against their hashes without holding up miners: what is slow to check is checked on another thread, and only until the
// right secret was seen; from then on it is compared with a keyed digest of it, whose key never leaves this process.
// Invariants: every comparison takes the same time whatever was given; slow checks run one at a time, on a thread that yields to every
// other, for at most a quarter of the time, and at most MAX_WAITING wait; whoever comes then is asked to try again.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { matchesFast, matchesSlow, type SecretHash } from '@assay/tenancy';
import { SlowHashing } from './slow-hashing.ts';

const MAX_WAITING = 1024;
/** Guessers must not take a core from the miners: after a check, which takes some 50 ms of a core that is free, comes a pause three times as long. */
const PAUSE_MS = 150;

export type SlowCheck = 'done' | 'busy';

export class SecretVerifier {
  readonly #key = randomBytes(32);
  /** What the right secret's digest is, by hash, as long as some worker has that. */
  readonly #right = new WeakMap<SecretHash, Uint8Array>();
  readonly #hashing = new SlowHashing();
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Whether the secret is right as far as is known: a slow hash whose right secret was never seen knows none. */
  isRight(hash: SecretHash, secret: string): boolean {
    if (hash.kind === 'sha256') return matchesFast(hash, secret);
    const right = this.#right.get(hash);
    return right !== undefined && timingSafeEqual(right, this.#digest(secret));
  }

  /** Whether `check` has to be awaited before `isRight` can tell. */
  needsCheck(hash: SecretHash): boolean {
    return hash.kind === 'scrypt' && !this.#right.has(hash);
  }

  /** Finds out whether the secret is right, for `isRight` to tell. */
  async check(hash: SecretHash, secret: string): Promise<SlowCheck> {
    if (this.#waiting >= MAX_WAITING) return 'busy';
    this.#waiting++;
    const checked = this.#last.then(() => this.#check(hash, secret));
    this.#last = checked.then(
      (wasSlow) => (wasSlow ? rest() : undefined),
      () => undefined,
    );
    try {
      await checked;
      return 'done';
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves with whether there was anything to do. */
  async #check(hash: SecretHash, secret: string): Promise<boolean> {
    // The one before may have found the right secret.
    if (hash.kind !== 'scrypt' || this.#right.has(hash)) return false;
    if (await matchesSlow(hash, secret, (...asked) => this.#hashing.derive(...asked)))
      this.#right.set(hash, this.#digest(secret));
    return true;
  }

  #digest(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

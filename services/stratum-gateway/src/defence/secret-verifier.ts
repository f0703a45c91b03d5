// Checks secrets against their hashes without holding up miners: what is slow to check is checked on another thread, and only until the
// right secret was seen; from then on it is compared with a keyed digest of it, whose key never leaves this process.
// Invariants: every comparison takes the same time whatever was given; slow checks run one at a time, on a thread that yields to every
// other, for at most a quarter of the time, addresses in turn, and none for a connection that is gone; at most MAX_WAITING wait, beyond
// which the address that has most of them is asked to try again.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { matchesFast, matchesSlow, type SecretHash } from '@assay/tenancy';
import type { CloseReason } from '../gateway-tallies.ts';
import { SlowHashing } from './slow-hashing.ts';
import type { Source } from './sources.ts';
import { Turns } from './turns.ts';

const MAX_WAITING = 1024;
/** Guessers must not take a core from the miners: after a check, which takes some 50 ms of a core that is free, comes a pause three times as long. */
const PAUSE_MS = 150;

export type SlowCheck = 'done' | 'busy';

/** Whoever gives a secret: a connection. */
export interface SecretGiver {
  readonly source: Source;
  /** Set when it is closed or about to be. */
  readonly closeReason: CloseReason | undefined;
}

interface Waiting {
  readonly hash: SecretHash;
  readonly secret: string;
  readonly giver: SecretGiver;
  readonly settle: (outcome: SlowCheck | Promise<SlowCheck>) => void;
}

export class SecretVerifier {
  readonly #key = randomBytes(32);
  /** What the right secret's digest is, by hash, as long as some worker has that. */
  readonly #right = new WeakMap<SecretHash, Uint8Array>();
  readonly #hashing = new SlowHashing();
  readonly #turns = new Turns<Source, Waiting>();
  #checking = false;

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

  /** Finds out whether the secret is right, for `isRight` to tell; of one whose giver is gone it does not. Rejects when it cannot be checked. */
  check(hash: SecretHash, secret: string, giver: SecretGiver): Promise<SlowCheck> {
    return new Promise((settle) => {
      this.#turns.add(giver.source, { hash, secret, giver, settle });
      if (this.#turns.length > MAX_WAITING) this.#turns.takeBack()!.settle('busy');
      if (!this.#checking) void this.#checkInTurns();
    });
  }

  async #checkInTurns(): Promise<void> {
    this.#checking = true;
    for (let next = this.#turns.take(); next !== undefined; next = this.#turns.take()) {
      const { hash, secret, giver, settle } = next;
      // Nobody waits for it any more, or one before has found the right secret.
      if (giver.closeReason !== undefined || !this.needsCheck(hash)) {
        settle('done');
        continue;
      }
      const checked = this.#check(hash, secret);
      settle(checked);
      // Whether it failed is its giver's to know.
      await Promise.allSettled([checked]);
      await rest();
    }
    this.#checking = false;
  }

  async #check(hash: SecretHash, secret: string): Promise<SlowCheck> {
    if (hash.kind === 'scrypt' && (await matchesSlow(hash, secret, (...asked) => this.#hashing.derive(...asked))))
      this.#right.set(hash, this.#digest(secret));
    return 'done';
  }

  #digest(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

// Passwords as argon2id hashes in PHC format. Hashing runs in libuv's threads, at most MAX_AT_ONCE at a time, for each takes as much memory as
// it is meant to; who would have to wait too long is told so. Invariant: a check takes as long for somebody who is not there as for somebody
// who is.
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';

export interface PasswordParameters {
  /** KiB. */
  readonly memoryKib: number;
  readonly passes: number;
}

/** OWASP's first choice for argon2id in its Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
export const PASSWORD_PARAMETERS: PasswordParameters = { memoryKib: 19_456, passes: 2 };
const LANES = 1;

/** Of libuv's four threads, which also serve files and names. */
const MAX_AT_ONCE = 2;
/** With 10 ms each, the last one waits for half a second. */
const MAX_WAITING = 100;
/** What is longer is no password, but an attempt to keep the hash busy. */
export const MAX_PASSWORD_LENGTH = 1000;

export class TooManyPasswords extends Error {
  override readonly name = 'TooManyPasswords';
}

export class Passwords {
  readonly #options: { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };
  readonly #nobodys: Promise<string>;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor({ memoryKib, passes }: PasswordParameters) {
    this.#options = { memoryCost: memoryKib, timeCost: passes, parallelism: LANES };
    this.#nobodys = hash(randomBytes(32), this.#options);
  }

  /** Throws TooManyPasswords. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normalised(password), this.#options));
  }

  /** @param hashed undefined when there is no such user or password: never true, and as slow. Throws TooManyPasswords. */
  async isRight(hashed: string | undefined, password: string): Promise<boolean> {
    const against = hashed ?? (await this.#nobodys);
    const given = password.length > MAX_PASSWORD_LENGTH ? '' : normalised(password);
    const right = await this.#inTurn(() => verify(against, given).catch(() => false));
    return right && hashed !== undefined && given !== '';
  }

  /** Whether it was made with other parameters than would be taken today. */
  isOld(hashed: string): boolean {
    try {
      const { memoryCost, timeCost, parallelism } = parseOptions(hashed);
      return memoryCost !== this.#options.memoryCost || timeCost !== this.#options.timeCost || parallelism !== LANES;
    } catch {
      return true;
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay < MAX_AT_ONCE) this.#underWay++;
    else {
      if (this.#waiting.length >= MAX_WAITING) throw new TooManyPasswords('too many passwords are being checked');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#underWay--;
      else next();
    }
  }
}

/** Keyboards write the same letter in different ways: é is one character or two (NIST SP 800-63B, 5.1.1.2). */
function normalised(password: string): string {
  return password.normalize('NFKC');
}

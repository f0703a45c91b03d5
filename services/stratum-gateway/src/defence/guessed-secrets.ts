// Which wrong secrets an address gave before. A machine with a wrong password repeats itself at every reconnect; a guesser does not. Bounded:
// when full it forgets all, after which a repeated secret counts once more.
import { createHmac, randomBytes } from 'node:crypto';

const MOST_REMEMBERED = 512;
/** A secret that was given before, now for another worker: a site whose password was changed, or somebody who tries one on everybody. */
const KNOWN_SECRET_GUESSES = 0.1;
/** Nothing about a secret can be read from what is kept without it. */
const key = randomBytes(32);

export class GuessedSecrets {
  readonly #seen = new Set<number>();

  /** How much of a guess this is: 0 when it was said before. */
  weigh(worker: string, secret: string): number {
    const pair = fingerprint(`${worker}\0${secret}`);
    if (this.#seen.has(pair)) return 0;
    const alone = fingerprint(secret);
    const known = this.#seen.has(alone);
    if (this.#seen.size >= MOST_REMEMBERED) this.#seen.clear();
    this.#seen.add(pair).add(alone);
    return known ? KNOWN_SECRET_GUESSES : 1;
  }
}

function fingerprint(text: string): number {
  return createHmac('sha256', key).update(text).digest().readUIntBE(0, 6);
}

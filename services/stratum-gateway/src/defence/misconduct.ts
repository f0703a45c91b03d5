// Whether an address is banned, and when it will be: two scores that fade, pure and without a clock.
//
// A whole site often stands behind one address, so an address is judged by what it sends against what good it does, never by a count:
// - A broken machine among 500 good ones must not ban them. Points (see POINTS) are weighed against accepted shares, both fading with
//   the same half-life; nobody is banned while there is an accepted share for every four points. 500 machines at the pace vardiff aims
//   at, 18 a minute, pay for 600 points a second, which is more than one connection may send of anything by default.
// - Nothing is gained by paying: an attacker that mines real shares to be allowed four bad ones each is held to the pace of vardiff, too.
// - What a healthy site does after a restart of the gateway, or an outage, is no misconduct: shares of jobs nobody knows any more, stale
//   ones, any number of new connections that ask for work.
// - A ban closes the one connection that tipped the scale and refuses new ones for a time. Connections that are open go on, so that
//   neighbours behind the address keep earning.
// - Guessed secrets are not paid for by shares, or a guesser inside a site could guess for ever. A machine with a wrong password says the
//   same wrong thing again and again; a guesser never does. So only what was not said before counts (guessed-secrets.ts).
import type { RejectReason } from '@assay/mining';

export interface BanSettings {
  readonly banPoints: number;
  readonly banGuesses: number;
  readonly banSeconds: number;
  readonly banMaxSeconds: number;
}

/** What a rejected share counts. One that is stale or of an unknown job is an honest miner's, too: after a new block, a restart. */
export const POINTS: Readonly<Record<RejectReason, number>> = {
  '': 0,
  malformed: 1,
  not_subscribed: 1,
  unauthorized: 1,
  unknown_job: 0,
  stale: 0,
  duplicate: 1,
  ntime_out_of_range: 1,
  version_bits: 1,
  low_difficulty: 1,
  rate_limited: 0.25,
  unproven: 0,
};

const POINTS_HALF_LIFE_US = 60e6;
const GUESSES_HALF_LIFE_US = 600e6;
/** Scores are faded at most this often; what comes in between is not worth an exponential. */
const FADE_EVERY_US = 1e6;
/** A good share pays for so many points. */
const FORGIVEN_PER_SHARE = 4;

export class Misconduct {
  #points = 0;
  #accepted = 0;
  #guesses = 0;
  #fadedUs: number;
  #bannedUntilUs = 0;
  /** Bans in a row. */
  #bans = 0;

  constructor(nowUs: number) {
    this.#fadedUs = nowUs;
  }

  banned(nowUs: number): boolean {
    return nowUs < this.#bannedUntilUs;
  }

  get bannedUntilUs(): number {
    return this.#bannedUntilUs;
  }

  acceptedShare(nowUs: number): void {
    this.#fade(nowUs);
    this.#accepted++;
  }

  /** @returns whether this was too much, so that the address is banned from now on. */
  add(points: number, settings: BanSettings, nowUs: number): boolean {
    this.#fade(nowUs);
    this.#points += points;
    const { banPoints } = settings;
    if (banPoints === 0 || this.#points < banPoints || this.#points < FORGIVEN_PER_SHARE * this.#accepted) return false;
    return this.#ban(settings, nowUs);
  }

  /** A wrong secret. @returns as `add` */
  addGuess(guesses: number, settings: BanSettings, nowUs: number): boolean {
    this.#fade(nowUs);
    this.#guesses += guesses;
    if (settings.banGuesses === 0 || this.#guesses < settings.banGuesses) return false;
    return this.#ban(settings, nowUs);
  }

  /** Whether nothing would be forgotten with this: no ban, none lately, and scores that have faded. */
  isClean({ banMaxSeconds }: BanSettings, nowUs: number): boolean {
    this.#fade(nowUs);
    const remembered = this.#bans > 0 && nowUs - this.#bannedUntilUs < banMaxSeconds * 1e6;
    return !remembered && this.#points < 1 && this.#guesses < 1;
  }

  #ban({ banSeconds, banMaxSeconds }: BanSettings, nowUs: number): boolean {
    if (this.banned(nowUs)) return false;
    if (nowUs - this.#bannedUntilUs >= banMaxSeconds * 1e6) this.#bans = 0;
    this.#bannedUntilUs = nowUs + Math.min(banMaxSeconds, banSeconds * 2 ** this.#bans) * 1e6;
    // Far beyond any doubling that still matters.
    this.#bans = Math.min(this.#bans + 1, 32);
    this.#points = this.#accepted = this.#guesses = 0;
    return true;
  }

  #fade(nowUs: number): void {
    const elapsedUs = nowUs - this.#fadedUs;
    if (elapsedUs < FADE_EVERY_US) return;
    const kept = 2 ** (-elapsedUs / POINTS_HALF_LIFE_US);
    this.#points *= kept;
    this.#accepted *= kept;
    this.#guesses *= 2 ** (-elapsedUs / GUESSES_HALF_LIFE_US);
    this.#fadedUs = nowUs;
  }
}

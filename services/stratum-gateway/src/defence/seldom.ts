// A log line about something an attacker can make happen as often as he likes: written once in a while, with how often it happened since.

export class Seldom {
  readonly #everyUs: number;
  #lastUs = -Infinity;
  #unsaid = 0;

  constructor(everyUs: number) {
    this.#everyUs = everyUs;
  }

  /** Calls `say` with how many times it was not called since the last time, or counts this one. */
  say(nowUs: number, say: (unsaid: number) => void): void {
    if (nowUs - this.#lastUs < this.#everyUs) {
      this.#unsaid++;
      return;
    }
    say(this.#unsaid);
    this.#unsaid = 0;
    this.#lastUs = nowUs;
  }
}

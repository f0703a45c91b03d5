// A process that may die at any await. What it works with is wrapped: before and after each call the seed may decide that this
// was its last. A dead process's calls never return, so no code of it runs on, no `finally` either: that is what kill -9 is.
import type { Random } from '@assay/kernel';

export class SimulatedProcess {
  alive = true;
  readonly #random: Random;
  readonly #chance: () => number;
  readonly #onDeath: () => void;

  /** @param chance of dying, for each side of each call; asked anew every time */
  constructor(random: Random, chance: () => number, onDeath: () => void) {
    this.#random = random;
    this.#chance = chance;
    this.#onDeath = onDeath;
  }

  /** Runs a call of the process, unless it dies before; its outcome does not reach it when it dies after. */
  async call<T>(act: () => Promise<T>): Promise<T> {
    if (this.#dies()) return never();
    try {
      const result = await act();
      return this.#dies() ? await never<T>() : result;
    } catch (error) {
      if (this.#dies()) return never();
      throw error;
    }
  }

  /** The object with every method a call of the process. Properties are passed through. */
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          this.call(async () => (value as (...a: unknown[]) => unknown).apply(target, args));
      },
    });
  }

  #dies(): boolean {
    if (this.alive && this.#random.chance(this.#chance())) {
      this.alive = false;
      this.#onDeath();
    }
    return !this.alive;
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

// A farm of simulated machines in one thread, driven by one timer.
import { systemClock, Random } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import { createProver } from '@assay/pow';
import { NonceSearch } from '../miner/nonce-search.ts';
import { Machine, type MachineEvents, type PoolAddress } from './machine.ts';
import type { MachineSpec } from './machine-model.ts';

const TICK_MS = 100;

export class Farm {
  readonly machines: readonly Machine[];
  readonly #timer: NodeJS.Timeout;

  /**
   * Connects the machines within the first second and mines until stopped. Of several addresses the machines take one after the other, so
   * that they are spread evenly, and each goes on to another when its own is gone.
   */
  constructor(
    specs: readonly MachineSpec[],
    pool: PoolAddress | readonly PoolAddress[],
    seed: number,
    events: MachineEvents = {},
  ) {
    const random = new Random(seed);
    const pools = 'host' in pool ? [pool] : pool;
    const searches = new Map<Algorithm, NonceSearch>();
    const searchFor = (algorithm: Algorithm): NonceSearch => {
      const search = searches.get(algorithm) ?? new NonceSearch(createProver(algorithm));
      searches.set(algorithm, search);
      return search;
    };
    this.machines = specs.map((spec, i) => {
      const first = i % pools.length;
      const own = [...pools.slice(first), ...pools.slice(0, first)];
      return new Machine(spec, own, systemClock, random.fork(), searchFor(spec.algorithm), events);
    });
    this.#timer = setInterval(() => {
      for (const machine of this.machines) machine.tick();
    }, TICK_MS);
  }

  get connected(): number {
    return this.machines.filter((machine) => machine.connected).length;
  }

  /** Submits sent and not yet answered. */
  get unanswered(): number {
    return this.machines.reduce((sum, machine) => sum + machine.unanswered, 0);
  }

  /** Stops hashing and reconnecting; connections stay open for the answers still owed. */
  halt(): void {
    clearInterval(this.#timer);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const machine of this.machines) machine.stop();
  }
}

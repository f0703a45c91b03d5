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

  /** Connects the machines within the first second and mines until stopped. */
  constructor(specs: readonly MachineSpec[], pool: PoolAddress, seed: number, events: MachineEvents = {}) {
    const random = new Random(seed);
    const searches = new Map<Algorithm, NonceSearch>();
    const searchFor = (algorithm: Algorithm): NonceSearch => {
      const search = searches.get(algorithm) ?? new NonceSearch(createProver(algorithm));
      searches.set(algorithm, search);
      return search;
    };
    this.machines = specs.map(
      (spec) => new Machine(spec, pool, systemClock, random.fork(), searchFor(spec.algorithm), events),
    );
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

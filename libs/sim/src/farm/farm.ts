// A farm of simulated machines in one thread, driven by one timer.
import { systemClock, Random } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import { createProver } from '@assay/pow';
import { NonceSearch } from '../miner/nonce-search.ts';
import { Machine, type MachineEvents, type PoolAddress } from './machine.ts';
import type { MachineSpec } from './machine-model.ts';

/** How often each machine's turn comes. */
const TICK_MS = 100;
/** Machines take their turns in so many groups, one after the other: those of a real farm do not find their shares in step. */
const GROUPS = 20;

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
    let group = 0;
    this.#timer = setInterval(() => {
      for (let i = group; i < this.machines.length; i += GROUPS) this.machines[i]!.tick();
      group = (group + 1) % GROUPS;
    }, TICK_MS / GROUPS);
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

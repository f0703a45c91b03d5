// Every worker with what is known of it, as one consistent picture per second (of a large fleet in some seconds): made when somebody asks, shared
// by all who ask within that time. It is made in slices, and takes the place of the one before when all of it is there. Memory: two pictures
// while one is made, each about 600 bytes a worker.
import type { Clock } from '@assay/kernel';
import { LiveStateError, type LiveStanding, type LiveState, type LiveWorker } from '@assay/live-state';
import type { Logger } from '@assay/platform';
import type { Visibility } from '@assay/tenancy';
import { visiblePart } from '../access/visible-fleet.ts';
import { BudgetedCache } from '../budgeted-cache.ts';
import { Slices } from '../slices.ts';
import { inNameOrder } from './name-order.ts';
import { RackBuilder, type Rack } from './racks.ts';
import { factsFromLive, factsFromStore, type KnownWorker, type WorkerFacts } from './worker-facts.ts';

export interface FleetSnapshot {
  /** When the picture was made, microseconds since 1970. */
  readonly atUs: number;
  /** False while the live state is being rebuilt, is behind, or does not answer. */
  readonly live: boolean;
  /** By name, ascending. */
  readonly workers: readonly WorkerFacts[];
  readonly byName: ReadonlyMap<string, WorkerFacts>;
  /** The same by rack. */
  readonly racks: readonly Rack[];
  /** Key of the visibility that this is the part of; of the whole there is none. */
  readonly seenBy?: string;
}

export interface FleetViewPorts {
  readonly live: LiveState;
  /** Every worker the store remembers, by username. */
  readonly loadKnown: () => Promise<ReadonlyMap<string, KnownWorker>>;
  /** What people have entered that the worker should do, hashes per second; it counts before what its password says. */
  readonly enteredHashRateHs: (worker: string) => number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Of a hundred thousand workers it takes half a second of this thread: then it is made every five seconds, and nobody waits for the next one. On a
 * machine that has ten times as much to do as it can, it takes ten times as long, and one may then be twenty seconds old.
 */
const SNAPSHOT = { freshMs: 900, staleMs: 900, costlyStaleMs: 20_000, keptYoungMs: 600_000 };
/** Windows whose rates lists are sorted by and totals are shown of: these are computed with the picture, others when they are asked for. */
const SHOWN_WINDOWS = ['15m', '1h'] as const;
/** New workers show in the live state first, so what the store remembers may be older. */
const KNOWN = { freshMs: 15_000, staleMs: 600_000 };
const KNOWN_WAIT_MS = 1000;

export class FleetView {
  readonly #ports: FleetViewPorts;
  readonly #known: BudgetedCache<ReadonlyMap<string, KnownWorker>>;
  readonly #snapshot: BudgetedCache<FleetSnapshot>;
  #storeAway = false;
  #liveAway = false;

  constructor(ports: FleetViewPorts) {
    this.#ports = ports;
    this.#known = new BudgetedCache(ports.loadKnown, ports.clock, KNOWN);
    this.#snapshot = new BudgetedCache(() => this.#make(), ports.clock, SNAPSHOT);
  }

  stop(): void {
    this.#snapshot.stop();
  }

  /** What somebody sees of the picture, at most a second old; of a fleet so large that a picture takes long some, and never more than twenty. */
  async seenBy(visibility: Visibility): Promise<FleetSnapshot> {
    return visiblePart(await this.#snapshot.get(), visibility);
  }

  async #make(): Promise<FleetSnapshot> {
    const atUs = this.#ports.clock.nowUs();
    const [{ live, asOfUs, liveWorkers }, known] = await Promise.all([this.#liveOrNothing(atUs), this.#knownOrLast()]);
    const slices = new Slices();
    const found = new Map<string, LiveWorker | undefined>();
    for (const worker of liveWorkers) {
      found.set(worker.worker, worker);
      if (slices.isOver()) await slices.next();
    }
    for (const worker of known.keys()) {
      if (!found.has(worker)) found.set(worker, undefined);
      if (slices.isOver()) await slices.next();
    }
    // Made in the order in which they are read: of 100,000 made in any order, reading each costs a look into main memory.
    const workers: WorkerFacts[] = [];
    const byName = new Map<string, WorkerFacts>();
    const racks = new RackBuilder();
    for (const name of await inNameOrder(found, this.#snapshot.last, slices)) {
      const inLive = found.get(name);
      const entered = this.#ports.enteredHashRateHs(name);
      const facts =
        inLive === undefined
          ? factsFromStore(known.get(name)!, entered, live)
          : factsFromLive(inLive, known.get(name), entered, asOfUs, live);
      // A rate is computed where it is first read.
      for (const window of SHOWN_WINDOWS) void facts.rates?.[window];
      workers.push(facts);
      byName.set(name, facts);
      racks.add(facts);
      if (slices.isOver()) await slices.next();
    }
    return { atUs, live, workers, byName, racks: await addedUp(racks.racks(), slices) };
  }

  /** What the live state has; when it does not answer, nothing, which is not live. */
  async #liveOrNothing(atUs: number): Promise<LiveStanding & { readonly liveWorkers: readonly LiveWorker[] }> {
    const { live, logger } = this.#ports;
    try {
      // While shares wait for ClickHouse, rates and statuses are as of what is in: a miner is not slow or silent because the store is.
      const standing = await live.standing(atUs);
      const liveWorkers = await live.workers(standing.asOfUs);
      if (this.#liveAway) logger.info('the live state answers again');
      this.#liveAway = false;
      return { ...standing, liveWorkers };
    } catch (error) {
      if (!(error instanceof LiveStateError)) throw error;
      if (!this.#liveAway) logger.warn({ err: error }, 'the live state does not answer; nothing is shown as live');
      this.#liveAway = true;
      return { live: false, asOfUs: atUs, liveWorkers: [] };
    }
  }

  /** What the store remembers; when it does not say soon, what it remembered last. Live fields must not wait for it or fail with it. */
  async #knownOrLast(): Promise<ReadonlyMap<string, KnownWorker>> {
    try {
      const known = await withinMs(this.#known.get(), KNOWN_WAIT_MS);
      if (this.#storeAway) this.#ports.logger.info('the workers known to the store can be read again');
      this.#storeAway = false;
      return known;
    } catch (error) {
      if (!this.#storeAway)
        this.#ports.logger.warn(
          { err: error },
          'the workers known to the store cannot be read; showing those known before',
        );
      this.#storeAway = true;
      return this.#known.last ?? new Map<string, KnownWorker>();
    }
  }
}

async function addedUp(racks: readonly Rack[], slices: Slices): Promise<readonly Rack[]> {
  for (const rack of racks) {
    rack.addUp(SHOWN_WINDOWS);
    if (slices.isOver()) await slices.next();
  }
  return racks;
}

function withinMs<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

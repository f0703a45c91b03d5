// A picture of the fleet by rack, each with what its machines come to. What is asked of a site, a tenant or the whole fleet is a sum over racks, so
// that 100,000 machines are added up once per picture and not for every question. Memory: about 500 bytes a rack.
import type { LiveWindow } from '@assay/live-state';
import type { Algorithm } from '@assay/mining';
import { HashRateSum } from '@assay/rollup';
import { siteOf } from '@assay/tenancy';
import type { WorkerFacts, WorkerStatus } from './worker-facts.ts';

export interface RackPlace {
  readonly tenant: string;
  /** Empty where the name has no site. */
  readonly site: string;
  /** All of the name between site and machine; empty where there is nothing. */
  readonly rack: string;
}

/** What the machines of a rack that have the same algorithm come to. */
interface AlgorithmSums {
  readonly workers: number;
  readonly expectedHs: number;
  /** By window, each added up when it is first read. */
  readonly rates: Map<LiveWindow, HashRateSum>;
}

interface RackSums {
  readonly statuses: Readonly<Record<WorkerStatus, number>>;
  readonly algorithms: ReadonlyMap<Algorithm, AlgorithmSums>;
}

export class Rack {
  readonly place: RackPlace;
  /** By name, ascending; at least one. */
  readonly workers: readonly WorkerFacts[];
  #sums: RackSums | undefined;

  constructor(place: RackPlace, workers: readonly WorkerFacts[]) {
    this.place = place;
    this.workers = workers;
  }

  /** Whether its machines stand on one site. Machines whose names are of two segments are in one rack, and each is its own site. */
  get isOfOneSite(): boolean {
    return this.place.site !== '';
  }

  count(status: WorkerStatus): number {
    return this.#all.statuses[status];
  }

  countOf(algorithm: Algorithm): number {
    return this.#all.algorithms.get(algorithm)?.workers ?? 0;
  }

  expectedHs(algorithm: Algorithm): number {
    return this.#all.algorithms.get(algorithm)?.expectedHs ?? 0;
  }

  /** Undefined where no machine has the algorithm. */
  rate(window: LiveWindow, algorithm: Algorithm): HashRateSum | undefined {
    const sums = this.#all.algorithms.get(algorithm);
    let sum = sums?.rates.get(window);
    if (sums !== undefined && sum === undefined)
      sums.rates.set(window, (sum = rateOf(this.workers, window, algorithm)));
    return sum;
  }

  /** Adds up everything, and the rates of these windows, which otherwise is done when it is first asked for. */
  addUp(windows: readonly LiveWindow[]): void {
    for (const algorithm of this.#all.algorithms.keys()) for (const window of windows) this.rate(window, algorithm);
  }

  /** What is left of it with those machines alone that are let through; undefined where none is. */
  only(lets: (facts: WorkerFacts) => boolean): Rack | undefined {
    const left = this.workers.filter(lets);
    if (left.length === this.workers.length) return this;
    return left.length === 0 ? undefined : new Rack(this.place, left);
  }

  get #all(): RackSums {
    return (this.#sums ??= sumsOf(this.workers));
  }
}

function sumsOf(workers: readonly WorkerFacts[]): RackSums {
  const statuses = { ONLINE: 0, SILENT: 0, OFFLINE: 0 };
  const algorithms = new Map<Algorithm, AlgorithmSums & { workers: number; expectedHs: number }>();
  for (const { status, algorithm, expectedHashRateHs = 0 } of workers) {
    statuses[status]++;
    let sums = algorithms.get(algorithm);
    if (sums === undefined) algorithms.set(algorithm, (sums = { workers: 0, expectedHs: 0, rates: new Map() }));
    sums.workers++;
    sums.expectedHs += expectedHashRateHs;
  }
  return { statuses, algorithms };
}

function rateOf(workers: readonly WorkerFacts[], window: LiveWindow, ofAlgorithm: Algorithm): HashRateSum {
  const sum = new HashRateSum();
  for (const { algorithm, rates } of workers) {
    const rate = algorithm === ofAlgorithm ? rates?.[window] : undefined;
    if (rate !== undefined) sum.add(rate);
  }
  return sum;
}

/** Puts machines into their racks, one after the other. */
export class RackBuilder {
  readonly #racks = new Map<string, { readonly place: RackPlace; readonly workers: WorkerFacts[] }>();
  #key: string | undefined;
  #workers: WorkerFacts[] = [];

  /** By name, so that the machines of a rack mostly follow each other: it is looked up only where it changes. */
  add(facts: WorkerFacts): void {
    const dot = facts.worker.lastIndexOf('.');
    const key = dot < 0 ? facts.worker : facts.worker.slice(0, dot);
    if (key !== this.#key) {
      this.#key = key;
      let rack = this.#racks.get(key);
      if (rack === undefined) this.#racks.set(key, (rack = { place: placeOfRack(facts.tenant, key), workers: [] }));
      this.#workers = rack.workers;
    }
    this.#workers.push(facts);
  }

  racks(): readonly Rack[] {
    return [...this.#racks.values()].map(({ place, workers }) => new Rack(place, workers));
  }
}

/** @param workers by name */
export function byRack(workers: readonly WorkerFacts[]): readonly Rack[] {
  const builder = new RackBuilder();
  for (const facts of workers) builder.add(facts);
  return builder.racks();
}

function placeOfRack(tenant: string, key: string): RackPlace {
  const path = key.slice(tenant.length + 1);
  const dot = path.indexOf('.');
  return dot === -1
    ? { tenant, site: path, rack: '' }
    : { tenant, site: path.slice(0, dot), rack: path.slice(dot + 1) };
}

/** What the machine is called within its rack. */
export function machineName({ worker }: WorkerFacts): string {
  return worker.slice(worker.lastIndexOf('.') + 1);
}

export function workersOf(racks: readonly Rack[]): readonly WorkerFacts[] {
  // Written out: flatMap takes five times as long.
  const all: WorkerFacts[] = [];
  for (const { workers } of racks) for (const facts of workers) all.push(facts);
  return all;
}

export function countOfWorkers(racks: readonly Rack[]): number {
  return racks.reduce((sum, { workers }) => sum + workers.length, 0);
}

/** Racks by tenant, tenants ascending. */
export function byTenant(racks: readonly Rack[]): readonly (readonly [tenant: string, racks: readonly Rack[]])[] {
  return grouped(racks.map((rack) => [rack.place.tenant, rack]));
}

/** Racks by site, sites ascending. */
export function bySite(racks: readonly Rack[]): readonly (readonly [site: string, racks: readonly Rack[]])[] {
  return grouped(
    racks.flatMap((rack) =>
      rack.isOfOneSite
        ? [[rack.place.site, rack] as const]
        : rack.workers.map((facts) => [facts.site, new Rack(rack.place, [facts])] as const),
    ),
  ).filter(([site]) => site !== '');
}

/** The names of the sites that their machines stand on, `tenant.site`; of machines that stand on none, their own. */
export function siteNames(racks: readonly Rack[]): ReadonlySet<string> {
  const sites = new Set<string>();
  for (const { isOfOneSite, workers } of racks)
    for (const { worker } of isOfOneSite ? workers.slice(0, 1) : workers) sites.add(siteOf(worker) ?? worker);
  return sites;
}

function grouped(entries: readonly (readonly [string, Rack])[]): [string, Rack[]][] {
  const groups = new Map<string, Rack[]>();
  for (const [key, rack] of entries) {
    const group = groups.get(key);
    if (group) group.push(rack);
    else groups.set(key, [rack]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

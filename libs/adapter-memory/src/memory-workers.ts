// The workers of the live state in memory.
// Bound: `maxWorkers`. At it, a new worker takes the place of the one longest unchanged among those not connected; when the
// few longest unchanged are all connected the newcomer is left out and counted in `refused`.
import { setImmediate } from 'node:timers/promises';
import type { DecayedByWindow, LiveDelta, LiveSnapshot, LiveUpdate, LiveWorker } from '@assay/live-state';
import { addDecayedByWindow, FORGET_AFTER_SECONDS, liveRates, NOTHING_DECAYED } from '@assay/live-state';
import { MICROS_PER_SECOND } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import type { WorkerAuthorized, WorkerEvent } from '@assay/tenancy';

/** How many of the longest unchanged workers are looked at for one that is not connected. */
const EVICTION_SEARCH = 64;
/** Workers listed before others of the thread have their turn: about a millisecond. */
const LISTED_AT_ONCE = 2_000;

interface Entry {
  readonly tenant: string;
  readonly worker: string;
  algorithm: Algorithm;
  userAgent: string;
  remoteAddress: string;
  /** Start of each open connection, by gateway and connection. */
  readonly connections: Map<string, { readonly gateway: string; readonly sinceUs: number }>;
  changedAtUs: number;
  firstSeenUs: number;
  lastShareAtUs: number | undefined;
  difficulty: number;
  difficultyAtUs: number;
  bestShareDifficulty: number;
  expectedHashRateHs: number | undefined;
  authorizedAtUs: number;
  decayed: DecayedByWindow;
}

export class MemoryWorkers {
  refused: number;
  readonly #maxWorkers: number;
  /** In order of change, longest unchanged first. */
  readonly #entries = new Map<string, Entry>();
  #nowUs = 0;
  #changed = new Set<string>();

  constructor(maxWorkers: number, refused = 0) {
    this.#maxWorkers = maxWorkers;
    this.refused = refused;
  }

  /** The names of the workers it changed. */
  apply({ events, deltas }: LiveUpdate, nowUs: number): ReadonlySet<string> {
    this.#nowUs = nowUs;
    this.#changed = new Set();
    for (const event of events) this.#applyEvent(event);
    for (const delta of deltas) this.#applyDelta(delta);
    this.#forget();
    return this.#changed;
  }

  /** Of more than there is room for, those seen last. */
  restore(snapshots: readonly LiveSnapshot[]): void {
    const oldestFirst = [...snapshots].sort((a, b) => seenUs(a) - seenUs(b));
    for (const snapshot of oldestFirst.slice(-this.#maxWorkers)) this.#restore(snapshot);
  }

  #restore(snapshot: LiveSnapshot): void {
    const { tenant, worker, algorithm, firstSeenUs, authorizedAtUs, lastShareAtUs, connections } = snapshot;
    this.#nowUs = seenUs(snapshot);
    const entry = this.#known(tenant, worker, algorithm, firstSeenUs);
    if (entry === undefined) return;
    entry.userAgent = snapshot.userAgent;
    entry.remoteAddress = snapshot.remoteAddress;
    for (const { gateway, connection, sinceUs } of connections)
      entry.connections.set(connectionKey(gateway, connection), { gateway, sinceUs });
    entry.authorizedAtUs = authorizedAtUs;
    entry.lastShareAtUs = lastShareAtUs;
    entry.difficulty = snapshot.difficulty;
    entry.difficultyAtUs = authorizedAtUs;
    entry.bestShareDifficulty = snapshot.bestShareDifficulty;
    entry.expectedHashRateHs = snapshot.expectedHashRateHs;
    entry.decayed = snapshot.decayed;
  }

  /** Each as it is when it is come to: others are let in between, and may change those that come later. */
  async list(nowUs: number, tenant: string | undefined): Promise<LiveWorker[]> {
    const found: LiveWorker[] = [];
    // Those there are now, since an entry that changes moves to the end.
    for (const [i, entry] of [...this.#entries.values()].entries()) {
      if (tenant === undefined || entry.tenant === tenant) found.push(view(entry, nowUs));
      if (i % LISTED_AT_ONCE === LISTED_AT_ONCE - 1) await setImmediate();
    }
    return found;
  }

  one(nowUs: number, name: string): LiveWorker | undefined {
    const entry = this.#entries.get(name);
    return entry && view(entry, nowUs);
  }

  #applyDelta(delta: LiveDelta): void {
    const { tenant, worker, accepted, sinceUs, difficultyAtUs } = delta;
    const known = this.#entries.get(worker);
    if (known === undefined && accepted === 0) return;
    const entry = this.#known(tenant, worker, delta.algorithm || known?.algorithm || 'sha256d', sinceUs);
    if (entry === undefined) return;
    if (difficultyAtUs >= entry.difficultyAtUs) {
      entry.difficulty = delta.difficulty;
      entry.difficultyAtUs = difficultyAtUs;
    }
    if (accepted === 0) return;
    entry.bestShareDifficulty = Math.max(entry.bestShareDifficulty, delta.bestShareDifficulty);
    entry.lastShareAtUs = Math.max(entry.lastShareAtUs ?? 0, delta.lastShareAtUs);
    entry.decayed = addDecayedByWindow(entry.decayed, delta.decayed);
  }

  #applyEvent(event: WorkerEvent): void {
    switch (event.type) {
      case 'authorized':
        this.#authorize(event);
        return;
      case 'disconnected': {
        const entry = this.#entries.get(event.worker);
        if (entry?.connections.delete(connectionKey(event.gateway, event.connection))) this.#touch(entry);
        return;
      }
      case 'gateway_started':
        for (const entry of [...this.#entries.values()]) {
          for (const [key, { gateway }] of entry.connections) {
            if (gateway !== event.gateway) continue;
            entry.connections.delete(key);
            this.#touch(entry);
          }
        }
        return;
      case 'reject_burst':
        if (this.#entries.has(event.worker)) this.#changed.add(event.worker);
    }
  }

  #authorize(event: WorkerAuthorized): void {
    const entry = this.#known(event.tenant, event.worker, event.algorithm, event.atUs);
    if (entry === undefined) return;
    const key = connectionKey(event.gateway, event.connection);
    if (!entry.connections.has(key)) entry.connections.set(key, { gateway: event.gateway, sinceUs: event.atUs });
    if (event.atUs < entry.authorizedAtUs) return;
    entry.authorizedAtUs = event.atUs;
    entry.userAgent = event.userAgent;
    entry.remoteAddress = event.remoteAddress;
    entry.expectedHashRateHs = event.expectedHashRateHs;
    if (event.atUs >= entry.difficultyAtUs) {
      entry.difficulty = event.difficulty;
      entry.difficultyAtUs = event.atUs;
    }
  }

  /** The worker's entry, made when it is new and moved to the end as the most recently changed; undefined when there is no room. */
  #known(tenant: string, worker: string, algorithm: Algorithm, seenUs: number): Entry | undefined {
    let entry = this.#entries.get(worker);
    if (entry === undefined && this.#entries.size >= this.#maxWorkers && !this.#evict()) {
      this.refused++;
      return undefined;
    }
    entry ??= {
      tenant,
      worker,
      algorithm,
      userAgent: '',
      remoteAddress: '',
      connections: new Map(),
      changedAtUs: 0,
      firstSeenUs: seenUs,
      lastShareAtUs: undefined,
      difficulty: 0,
      difficultyAtUs: 0,
      bestShareDifficulty: 0,
      expectedHashRateHs: undefined,
      authorizedAtUs: 0,
      decayed: NOTHING_DECAYED,
    };
    if (entry.algorithm !== algorithm) {
      // Difficulties of different algorithms do not add up.
      entry.algorithm = algorithm;
      entry.decayed = NOTHING_DECAYED;
    }
    entry.firstSeenUs = Math.min(entry.firstSeenUs, seenUs);
    this.#touch(entry);
    return entry;
  }

  #touch(entry: Entry): void {
    entry.changedAtUs = this.#nowUs;
    this.#entries.delete(entry.worker);
    this.#entries.set(entry.worker, entry);
    this.#changed.add(entry.worker);
  }

  #evict(): boolean {
    let looked = 0;
    for (const [name, entry] of this.#entries) {
      if (entry.connections.size === 0) return this.#entries.delete(name);
      if (++looked === EVICTION_SEARCH) break;
    }
    return false;
  }

  /** A few at a time: workers that are gone and of whom no rate has weight left. */
  #forget(): void {
    const beforeUs = this.#nowUs - FORGET_AFTER_SECONDS * MICROS_PER_SECOND;
    let looked = 0;
    for (const [name, entry] of this.#entries) {
      if (entry.changedAtUs >= beforeUs || ++looked > EVICTION_SEARCH) return;
      this.#entries.delete(name);
      if (entry.connections.size === 0) continue;
      entry.changedAtUs = this.#nowUs; // Looked at again when it would be due anew.
      this.#entries.set(name, entry);
    }
  }
}

const seenUs = ({ firstSeenUs, authorizedAtUs, lastShareAtUs = 0 }: LiveSnapshot): number =>
  Math.max(firstSeenUs, authorizedAtUs, lastShareAtUs);

const connectionKey = (gateway: string, connection: string): string => `${gateway}\n${connection}`;

function view(entry: Entry, nowUs: number): LiveWorker {
  let connectedSinceUs: number | undefined;
  for (const { sinceUs } of entry.connections.values())
    connectedSinceUs = Math.min(connectedSinceUs ?? sinceUs, sinceUs);
  return {
    tenant: entry.tenant,
    worker: entry.worker,
    algorithm: entry.algorithm,
    userAgent: entry.userAgent,
    remoteAddress: entry.remoteAddress,
    connections: entry.connections.size,
    connectedSinceUs,
    firstSeenUs: entry.firstSeenUs,
    lastShareAtUs: entry.lastShareAtUs,
    difficulty: entry.difficulty,
    bestShareDifficulty: entry.bestShareDifficulty,
    expectedHashRateHs: entry.expectedHashRateHs,
    // As of now: the entry goes on changing.
    rates: liveRates(entry, nowUs),
  };
}

// The live state in the process's own memory: the embedded setting's adapter, and the model the others are held to.
// Invariant: an update changes the state at most once, however often it is delivered (positions per partition).
// Bound: `maxWorkers`. At it, a new worker takes the place of the one longest unchanged among those not connected; when the
// few longest unchanged are all connected the newcomer is left out and counted in `refused`.
import type {
  LiveDelta,
  LivePosition,
  LiveSnapshot,
  LiveState,
  LiveUpdate,
  LiveWindow,
  LiveWorker,
} from '@assay/live-state';
import { LIVE_SLOT_US, LIVE_WINDOWS } from '@assay/live-state';
import type { Algorithm } from '@assay/mining';
import { addDecayed, decayedHashRate, NO_DECAYED_WORK } from '@assay/rollup';
import type { DecayedWork, HashRate } from '@assay/rollup';
import type { WorkerAuthorized, WorkerEvent } from '@assay/tenancy';

const NOTIFY_EVERY_MS = 250;
const DEFAULT_MAX_WORKERS = 250_000;
/** How many of the longest unchanged workers are looked at for one that is not connected. */
const EVICTION_SEARCH = 64;

interface Entry {
  readonly tenant: string;
  readonly worker: string;
  algorithm: Algorithm;
  userAgent: string;
  remoteAddress: string;
  /** Start of each open connection, by gateway and connection. */
  readonly connections: Map<string, { readonly gateway: string; readonly sinceUs: number }>;
  firstSeenUs: number;
  lastShareAtUs: number | undefined;
  difficulty: number;
  difficultyAtUs: number;
  bestShareDifficulty: number;
  expectedHashRateHs: number | undefined;
  authorizedAtUs: number;
  /** Decayed work, in the order of LIVE_WINDOWS. */
  readonly decayed: DecayedWork[];
}

export interface MemoryLiveStateOptions {
  readonly maxWorkers?: number;
  /** A subscriber threw; the others are told all the same. */
  readonly onListenerError?: (error: unknown) => void;
}

export class MemoryLiveState implements LiveState {
  /** Workers left out because the state was full of connected ones. */
  refused = 0;
  readonly #maxWorkers: number;
  readonly #onListenerError: (error: unknown) => void;
  /** In order of change, longest unchanged first. */
  readonly #workers = new Map<string, Entry>();
  readonly #positions = new Map<string, number>();
  readonly #listeners = new Set<(changed: ReadonlySet<string>) => void>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #live = false;
  #completeUntilUs: number | undefined;

  constructor({ maxWorkers = DEFAULT_MAX_WORKERS, onListenerError = () => undefined }: MemoryLiveStateOptions = {}) {
    this.#maxWorkers = maxWorkers;
    this.#onListenerError = onListenerError;
  }

  async apply(update: LiveUpdate): Promise<void> {
    const partition = partitionKey(update);
    if (update.endOffset <= (this.#positions.get(partition) ?? 0)) return;
    this.#positions.set(partition, update.endOffset);
    for (const event of update.events) this.#applyEvent(event);
    for (const delta of update.deltas) this.#applyDelta(delta);
    this.#scheduleNotice();
  }

  async restore(workers: readonly LiveSnapshot[], positions: readonly LivePosition[]): Promise<void> {
    for (const name of this.#workers.keys()) this.#changed.add(name);
    this.#workers.clear();
    this.#positions.clear();
    for (const position of positions) this.#positions.set(partitionKey(position), position.endOffset);
    for (const snapshot of workers) {
      const entry = this.#known(snapshot.tenant, snapshot.worker, snapshot.algorithm, snapshot.firstSeenUs);
      if (entry === undefined) continue;
      entry.userAgent = snapshot.userAgent;
      entry.remoteAddress = snapshot.remoteAddress;
      for (const { gateway, connection, sinceUs } of snapshot.connections) {
        entry.connections.set(connectionKey(gateway, connection), { gateway, sinceUs });
      }
      entry.lastShareAtUs = snapshot.lastShareAtUs;
      entry.difficulty = snapshot.difficulty;
      entry.bestShareDifficulty = snapshot.bestShareDifficulty;
      entry.expectedHashRateHs = snapshot.expectedHashRateHs;
      LIVE_WINDOWS.forEach(({ name }, i) => (entry.decayed[i] = snapshot.decayed[name]));
    }
    this.#scheduleNotice();
  }

  async workers(nowUs: number, tenant?: string): Promise<readonly LiveWorker[]> {
    const found: LiveWorker[] = [];
    for (const entry of this.#workers.values()) {
      if (tenant === undefined || entry.tenant === tenant) found.push(view(entry, nowUs));
    }
    return found;
  }

  async worker(nowUs: number, name: string): Promise<LiveWorker | undefined> {
    const entry = this.#workers.get(name);
    return entry && view(entry, nowUs);
  }

  async isLive(): Promise<boolean> {
    return this.#live;
  }

  async setLive(live: boolean, completeUntilUs?: number): Promise<void> {
    this.#live = live;
    this.#completeUntilUs = completeUntilUs;
  }

  async asOfUs(nowUs: number): Promise<number> {
    return Math.min(nowUs, this.#completeUntilUs ?? nowUs);
  }

  subscribe(listener: (changed: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #applyDelta(delta: LiveDelta): void {
    const { tenant, worker, slotUs } = delta;
    const known = this.#workers.get(worker);
    if (known === undefined && delta.accepted === 0) return;
    const entry = this.#known(tenant, worker, delta.algorithm || known?.algorithm || 'sha256d', slotUs);
    if (entry === undefined) return;
    if (slotUs >= entry.difficultyAtUs) {
      entry.difficulty = delta.difficulty;
      entry.difficultyAtUs = slotUs;
    }
    if (delta.accepted === 0) return;
    entry.bestShareDifficulty = Math.max(entry.bestShareDifficulty, delta.bestShareDifficulty);
    entry.lastShareAtUs = Math.max(entry.lastShareAtUs ?? 0, delta.lastShareAtUs);
    const mined: DecayedWork = { atUs: slotUs + LIVE_SLOT_US / 2, work: delta.work, workSquared: delta.workSquared };
    LIVE_WINDOWS.forEach(({ seconds }, i) => (entry.decayed[i] = addDecayed(entry.decayed[i]!, mined, seconds)));
  }

  #applyEvent(event: WorkerEvent): void {
    switch (event.type) {
      case 'authorized':
        this.#authorize(event);
        return;
      case 'disconnected': {
        const entry = this.#workers.get(event.worker);
        if (entry?.connections.delete(connectionKey(event.gateway, event.connection))) this.#changed.add(event.worker);
        return;
      }
      case 'gateway_started':
        for (const entry of this.#workers.values()) {
          for (const [key, { gateway }] of entry.connections) {
            if (gateway !== event.gateway) continue;
            entry.connections.delete(key);
            this.#changed.add(entry.worker);
          }
        }
        return;
      case 'reject_burst':
        if (this.#workers.has(event.worker)) this.#changed.add(event.worker);
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
    let entry = this.#workers.get(worker);
    if (entry !== undefined) this.#workers.delete(worker);
    else if (this.#workers.size >= this.#maxWorkers && !this.#evict()) {
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
      firstSeenUs: seenUs,
      lastShareAtUs: undefined,
      difficulty: 0,
      difficultyAtUs: 0,
      bestShareDifficulty: 0,
      expectedHashRateHs: undefined,
      authorizedAtUs: 0,
      decayed: LIVE_WINDOWS.map(() => NO_DECAYED_WORK),
    };
    if (entry.algorithm !== algorithm) {
      // Difficulties of different algorithms do not add up.
      entry.algorithm = algorithm;
      entry.decayed.fill(NO_DECAYED_WORK);
    }
    entry.firstSeenUs = Math.min(entry.firstSeenUs, seenUs);
    this.#workers.set(worker, entry);
    this.#changed.add(worker);
    return entry;
  }

  #evict(): boolean {
    let looked = 0;
    for (const [name, entry] of this.#workers) {
      if (entry.connections.size === 0) return this.#workers.delete(name);
      if (++looked === EVICTION_SEARCH) break;
    }
    return false;
  }

  #scheduleNotice(): void {
    if (this.#listeners.size === 0) {
      this.#changed.clear();
      return;
    }
    if (this.#changed.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const changed = this.#changed;
      this.#changed = new Set();
      for (const listener of [...this.#listeners]) {
        try {
          listener(changed);
        } catch (error) {
          this.#onListenerError(error);
        }
      }
    }, NOTIFY_EVERY_MS);
    this.#timer.unref();
  }
}

const partitionKey = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}:${partition}`;
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
    rates: ratesAsOf(entry, nowUs),
  };
}

/** Each rate is computed when it is read: a list of 10,000 workers is mostly read in one window. */
function ratesAsOf(entry: Entry, nowUs: number): Readonly<Record<LiveWindow, HashRate>> {
  const { algorithm, firstSeenUs: sinceUs, difficulty } = entry;
  const decayed = [...entry.decayed]; // As of now: the entry goes on changing.
  const rates = {} as Record<LiveWindow, HashRate>;
  LIVE_WINDOWS.forEach(({ name, seconds }, i) => {
    const get = (): HashRate =>
      decayedHashRate(decayed[i]!, { algorithm, timeConstantSeconds: seconds, nowUs, sinceUs, difficulty });
    Object.defineProperty(rates, name, { get, enumerable: true });
  });
  return rates;
}

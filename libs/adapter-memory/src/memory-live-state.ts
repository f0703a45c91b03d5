// The live state in the process's own memory: the embedded setting's adapter, and the model the others are held to.
// Invariant: an update changes the state at most once, and only where it begins at its partition's position.
import type {
  BasePartition,
  LiveBase,
  LiveChange,
  LiveGap,
  LiveOutcome,
  LivePartition,
  LiveProgress,
  LiveStanding,
  LiveState,
  LiveUpdate,
  LiveWorker,
} from '@assay/live-state';
import { ChangeNotices, REBUILD_SECONDS, standingOf } from '@assay/live-state';
import { MICROS_PER_SECOND } from '@assay/kernel';
import type { Clock } from '@assay/kernel';
import { MemoryWorkers } from './memory-workers.ts';

const DEFAULT_MAX_WORKERS = 250_000;

interface Partition extends LivePartition {
  /** What the base lacks; undefined for a partition that only said how far it is. */
  base: Pick<BasePartition, 'fromOffset' | 'submittedFromUs'> | undefined;
  /** Offset after the last record that is in; undefined while what the base lacks is missing. */
  position: number | undefined;
  lineage: string | undefined;
  reachedUs: number;
  /** What the partition's holder said last, whether or not it was taken. */
  said: { endOffset: number; reachedUs: number };
}

export interface MemoryLiveStateOptions {
  readonly clock: Clock;
  readonly maxWorkers?: number;
  /** A subscriber threw; the others are told all the same. */
  readonly onListenerError?: (error: unknown) => void;
}

export class MemoryLiveState implements LiveState {
  readonly #clock: Clock;
  readonly #maxWorkers: number;
  readonly #notices: ChangeNotices;
  #workers: MemoryWorkers;
  readonly #partitions = new Map<string, Partition>();
  /** Names the base; empty while there is none. */
  #epoch = '';
  #epochs = 0;
  /** Who is reading a base, and until when it may. */
  #builder: { readonly untilUs: number } | undefined;

  constructor({ clock, maxWorkers = DEFAULT_MAX_WORKERS, onListenerError = () => undefined }: MemoryLiveStateOptions) {
    this.#clock = clock;
    this.#maxWorkers = maxWorkers;
    this.#notices = new ChangeNotices(onListenerError);
    this.#workers = new MemoryWorkers(maxWorkers);
  }

  /** Workers left out because the state was full of connected ones. */
  get refused(): number {
    return this.#workers.refused;
  }

  async apply(update: LiveUpdate): Promise<LiveOutcome> {
    const partition = this.#partition(update);
    partition.said = {
      endOffset: update.endOffset,
      reachedUs: Math.max(partition.said.reachedUs, update.reachedUs),
    };
    if (this.#epoch === '' || isForeign(partition, update)) return { kind: 'lost', epoch: this.#epoch };
    const gap = this.#gapOf(partition);
    const begins = update.fills === undefined ? partition.position === update.fromOffset : update.fills === gap.token;
    const isIn = partition.position !== undefined && partition.position >= update.endOffset;
    if (!isIn && !begins) return { kind: 'behind', gap };

    partition.reachedUs = Math.max(partition.reachedUs, update.reachedUs);
    partition.lineage ??= update.lineage;
    if (isIn) return { kind: 'repeated' };
    partition.position = update.endOffset;
    this.#notices.add(this.#workers.apply(update, this.#clock.nowUs()));
    return { kind: 'applied' };
  }

  async rebuild(
    epoch: string,
    read: (progress: () => Promise<readonly LiveProgress[]>) => Promise<LiveBase>,
  ): Promise<boolean> {
    const nowUs = this.#clock.nowUs();
    if (epoch !== this.#epoch || (this.#builder !== undefined && nowUs < this.#builder.untilUs)) return false;
    const builder = { untilUs: nowUs + REBUILD_SECONDS * MICROS_PER_SECOND };
    this.#builder = builder;
    try {
      const base = await read(async () => this.#progress());
      if (this.#builder !== builder || this.#clock.nowUs() >= builder.untilUs) return false;
      this.#replace(base);
      return true;
    } finally {
      if (this.#builder === builder) this.#builder = undefined;
    }
  }

  /** Forgets everything, as a Redis does that is flushed or started again. */
  lose(): void {
    this.#epoch = '';
    this.#partitions.clear();
    this.#workers = new MemoryWorkers(this.#maxWorkers);
    this.#builder = undefined;
  }

  async standing(nowUs: number): Promise<LiveStanding> {
    return standingOf(this.#epoch === '' ? [] : this.#partitions.values(), nowUs);
  }

  async workers(nowUs: number, tenant?: string): Promise<readonly LiveWorker[]> {
    return this.#workers.list(nowUs, tenant);
  }

  async worker(nowUs: number, name: string): Promise<LiveWorker | undefined> {
    return this.#workers.one(nowUs, name);
  }

  subscribe(listener: (changed: LiveChange) => void): () => void {
    return this.#notices.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#notices.close();
  }

  #partition({ topic, partition }: LivePartition): Partition {
    const key = `${topic}:${partition}`;
    let known = this.#partitions.get(key);
    if (known === undefined) {
      const said = { endOffset: 0, reachedUs: 0 };
      known = { topic, partition, base: undefined, position: undefined, lineage: undefined, reachedUs: 0, said };
      this.#partitions.set(key, known);
    }
    return known;
  }

  #gapOf({ position, base, reachedUs }: Partition): LiveGap {
    const epoch = this.#epoch;
    const token = `${epoch}:${position ?? 'base'}`;
    // A partition that is newer than the base has nothing in it.
    if (position === undefined) return { token, epoch, fromOffset: 0, submittedFromUs: 0, reachedUs, ...base };
    return { token, epoch, fromOffset: position, submittedFromUs: 0, reachedUs };
  }

  #progress(): readonly LiveProgress[] {
    return [...this.#partitions.values()].map(({ topic, partition, said }) => ({ topic, partition, ...said }));
  }

  #replace({ workers, partitions }: LiveBase): void {
    this.#epoch = String(++this.#epochs);
    this.#partitions.clear();
    for (const { topic, partition, ...base } of partitions) this.#partition({ topic, partition }).base = base;
    this.#workers = new MemoryWorkers(this.#maxWorkers, this.#workers.refused);
    this.#workers.restore(workers);
    this.#notices.add('all');
  }
}

/** Whether the partition's history is another than the one its position is of. */
function isForeign({ position, lineage }: Partition, update: LiveUpdate): boolean {
  return position !== undefined && lineage !== undefined && lineage !== update.lineage;
}

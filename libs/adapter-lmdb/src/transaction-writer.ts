// Group commit: everything asked for while one transaction is being flushed goes into the next, so the price of a flush is shared.
// One transaction is in flight per open log. Invariant: a promise given out here resolves only after the fdatasync of its transaction.
//
// Writes are compare-and-set (see store.ts) and run wholly on lmdb's own thread: the write lock is never held while some JavaScript thread
// gets round to a callback, so a busy consumer cannot delay a gateway's acknowledgement. The price is that two writers of one partition can collide; after
// MAX_COLLISIONS an append takes the lock first, which cannot collide, so every append makes progress.
import { LogError } from '@assay/event-log';
import { frameCount, stampFrame } from './frame.ts';
import { commitFailure, headKey, recordKey, type MetaKey, type Store } from './store.ts';

const MAX_COLLISIONS = 2;
const MAX_TRANSACTION_BYTES = 16 * 2 ** 20;

interface PendingAppend {
  readonly partitionId: number;
  readonly frame: Buffer;
  collisions: number;
  readonly resolve: (baseOffset: number) => void;
  readonly reject: (error: LogError) => void;
}

interface PendingWrite {
  readonly guard: MetaKey;
  readonly version: number | null;
  readonly apply: () => void;
  readonly resolve: (applied: boolean) => void;
  readonly reject: (error: LogError) => void;
}

export interface WriterCounts {
  transactions: number;
  collisions: number;
}

export class TransactionWriter {
  readonly counts: WriterCounts = { transactions: 0, collisions: 0 };
  readonly #store: Store;
  readonly #flushTimeoutMs: number;
  readonly #onCommit: () => void;
  readonly #onFailure: (failure: LogError) => void;
  #appends: PendingAppend[] = [];
  #writes: PendingWrite[] = [];
  #pendingBytes = 0;
  #draining: Promise<void> | undefined;
  #stalled = false;

  /**
   * @param onCommit runs after each transaction that changed something.
   * @param onFailure runs after each that could not be written.
   */
  constructor(store: Store, flushTimeoutMs: number, onCommit: () => void, onFailure: (failure: LogError) => void) {
    this.#store = store;
    this.#flushTimeoutMs = flushTimeoutMs;
    this.#onCommit = onCommit;
    this.#onFailure = onFailure;
  }

  /** Bytes of appends not yet flushed. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Appends one frame at the end of a partition; resolves with its base offset once flushed. Rejects with a LogError. */
  append(partitionId: number, frame: Buffer): Promise<number> {
    if (this.#stalled) return Promise.reject(this.#stallError());
    return new Promise((resolve, reject) => {
      this.#pendingBytes += frame.length;
      this.#appends.push({ partitionId, frame, collisions: 0, resolve, reject });
      this.#wake();
    });
  }

  /**
   * Applies some writes if the entry at `guard` has `version` (null: is absent). Resolves once flushed, false when the guard did not hold.
   * `apply` runs later, synchronously, and only calls put and remove.
   */
  guarded(guard: MetaKey, version: number | null, apply: () => void): Promise<boolean> {
    if (this.#stalled) return Promise.reject(this.#stallError());
    return new Promise((resolve, reject) => {
      this.#writes.push({ guard, version, apply, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  #wake(): void {
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Whatever else the code that runs now asks for joins the first transaction. Not the whole turn of the event loop is waited for: in a gateway
    // that is being flooded a turn takes milliseconds, and each append would take one more.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#appends.length > 0 || this.#writes.length > 0) {
      const appends = this.#takeAppends();
      const writes = this.#writes;
      this.#writes = [];
      try {
        await this.#commit(appends, writes);
      } catch (error) {
        const failure = await commitFailure(error, this.#store.dir);
        for (const append of appends) this.#finish(append, () => append.reject(failure));
        for (const write of writes) write.reject(failure);
        if (this.#stalled) this.#refuseQueued();
        this.#onFailure(failure);
      }
    }
    // In the same turn as the check above, so that nothing queued in between is forgotten.
    this.#draining = undefined;
  }

  #takeAppends(): PendingAppend[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#appends.length && (count === 0 || bytes < MAX_TRANSACTION_BYTES))
      bytes += this.#appends[count++]!.frame.length;
    return this.#appends.splice(0, count);
  }

  async #commit(appends: readonly PendingAppend[], writes: readonly PendingWrite[]): Promise<void> {
    const collided: PendingAppend[] = [];
    const settle: (() => void)[] = [];
    this.#store.refresh();
    const outcomes: Promise<unknown>[] = [];
    for (const [partitionId, group] of byPartition(appends)) {
      outcomes.push(
        this.#appendGroup(partitionId, group).then((baseOffsets) => {
          if (baseOffsets === undefined) collided.push(...group);
          else
            for (const [i, append] of group.entries())
              settle.push(() => this.#finish(append, () => append.resolve(baseOffsets[i]!)));
        }),
      );
    }
    for (const write of writes) {
      const applied = this.#store.meta.ifVersion(write.guard, write.version as number, write.apply);
      outcomes.push(applied.then((ok) => settle.push(() => write.resolve(ok))));
    }
    await this.#withinFlushTimeout(Promise.all(outcomes));

    this.counts.transactions++;
    for (const append of collided) append.collisions++;
    this.counts.collisions += collided.length;
    this.#appends.unshift(...collided);
    for (const done of settle) done();
    this.#onCommit();
  }

  /** The base offsets given, or undefined when another writer moved the partition's end first. */
  async #appendGroup(partitionId: number, group: readonly PendingAppend[]): Promise<number[] | undefined> {
    if (group.some((append) => append.collisions >= MAX_COLLISIONS)) {
      return this.#store.root.transaction(() => this.#putFrames(partitionId, group, this.#place(partitionId, group)));
    }
    const placed = this.#place(partitionId, group);
    const guard = headKey(partitionId);
    const version = placed.from === 0 ? null : placed.from;
    const applied = await this.#store.meta.ifVersion(
      guard,
      version as number,
      () => void this.#putFrames(partitionId, group, placed),
    );
    return applied ? placed.baseOffsets : undefined;
  }

  #place(partitionId: number, group: readonly PendingAppend[]): Placed {
    const head = this.#store.head(partitionId);
    let { end, bytes } = head;
    const baseOffsets = group.map(({ frame }) => {
      const base = end;
      end += frameCount(frame);
      bytes += frame.length;
      stampFrame(frame, base);
      return base;
    });
    return { from: head.end, baseOffsets, end, bytes };
  }

  #putFrames(partitionId: number, group: readonly PendingAppend[], placed: Placed): number[] {
    for (const [i, { frame }] of group.entries())
      void this.#store.records.put(recordKey(partitionId, placed.baseOffsets[i]!), frame, 0);
    this.#store.put(headKey(partitionId), { end: placed.end, bytes: placed.bytes }, placed.end);
    return placed.baseOffsets;
  }

  #finish(append: PendingAppend, settle: () => void): void {
    this.#pendingBytes -= append.frame.length;
    settle();
  }

  /** Rejects when the flush takes too long; nothing else is written until the transaction has settled after all. */
  async #withinFlushTimeout(outcome: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#stalled = true;
        const settled = (): void => void (this.#stalled = false);
        outcome.then(settled, (error: unknown) => commitFailure(error, this.#store.dir).then(settled));
        reject(this.#stallError());
      }, this.#flushTimeoutMs);
    });
    try {
      await Promise.race([outcome, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #refuseQueued(): void {
    for (const append of this.#appends.splice(0)) this.#finish(append, () => append.reject(this.#stallError()));
    for (const write of this.#writes.splice(0)) write.reject(this.#stallError());
  }

  #stallError(): LogError {
    return new LogError('unavailable', `the log's disk has not flushed for ${this.#flushTimeoutMs} ms`, {
      retriable: true,
    });
  }
}

interface Placed {
  /** End of the partition before the group. */
  readonly from: number;
  readonly baseOffsets: number[];
  readonly end: number;
  readonly bytes: number;
}

function byPartition(appends: readonly PendingAppend[]): Map<number, PendingAppend[]> {
  const groups = new Map<number, PendingAppend[]>();
  for (const append of appends) {
    const group = groups.get(append.partitionId);
    if (group === undefined) groups.set(append.partitionId, [append]);
    else group.push(append);
  }
  return groups;
}

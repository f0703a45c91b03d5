// The control log of a pool, followed: its fold as of the newest record read, and changes that are answered once this very fold has reached
// them, applied or refused. Every service follows the whole topic from its start, or from the newest snapshot where retention has taken the start; a
// record that cannot be read is gone past, and said.
// Invariants: listeners hear of changes in the order of the log, each once; what `change` answers is in `state` already.
import { randomUUID } from 'node:crypto';
import { isCorrupt, LogError, nextReadable, TOPIC, type EventLog, type StoredRecord } from '@assay/event-log';
import {
  ControlState,
  MAX_RECORD_BYTES,
  type Actor,
  type Changed,
  type ChangeOutcome,
  type ChangeRecord,
  type ControlKind,
  type ObjectChange,
  type Refusal,
} from '@assay/tenancy';
import { ChangeFeed } from './change-feed.ts';
import { ObjectHistory, type HistoryEntry } from './object-history.ts';
import { SnapshotKeeper, type SnapshotKeeperOptions } from './snapshot-keeper.ts';
import { newestSnapshot, readSnapshot } from './snapshots.ts';

const PARTITION = 0;
const LIMITS = { maxRecords: 1000, maxBytes: 4 * 1_048_576, waitMs: 1000 } as const;
const RETRY_MS = 1000;
/** How long a change waits for the fold to reach it. */
const ANSWER_MS = 10_000;
/** Changes of this service that are not answered yet; more are refused. */
const MAX_WAITING = 1000;

export interface ControlLogOptions {
  readonly log: EventLog;
  /** An empty fold to fill, for who has to be given it before this begins; a new one when left out. */
  readonly state?: ControlState;
  /** Changes that `feed` keeps: none unless said, as only who answers people needs them. */
  readonly fedChanges?: number;
  /** Told when the topic cannot be read, and of records gone past. */
  readonly onWarning: (message: string, error?: unknown) => void;
  /** Whether this writes snapshots of the fold from time to time; a service that may append to the topic does. */
  readonly snapshots?: SnapshotKeeperOptions;
  /** Told of every record that is no change, such as an order to gateways. */
  readonly onOther?: (value: unknown, record: StoredRecord) => void;
}

export interface AppliedChange {
  readonly record: ChangeRecord;
  readonly atUs: number;
  readonly changed: readonly Changed[];
}

/** The change may have been made all the same: its answer did not come in time, or the log could not be reached. */
export class ControlLogError extends Error {
  override readonly name = 'ControlLogError';
  readonly code: 'unavailable' | 'busy';
  readonly retriable = true;
  constructor(code: 'unavailable' | 'busy', message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export class ControlLog {
  readonly state: ControlState;
  /** The newest changes of everything. */
  readonly feed: ChangeFeed;
  readonly #options: ControlLogOptions;
  readonly #history = new ObjectHistory();
  readonly #listeners = new Set<(change: AppliedChange) => void>();
  /** Who waits for the outcome of a request of theirs. */
  readonly #waiting = new Map<string, (outcome: ChangeOutcome) => void>();
  readonly #caughtUp: Promise<void>;
  #reached!: () => void;
  /** Where the topic ended when this began; undefined while that is not known. */
  #target: number | undefined;
  /** Where it began then. */
  #start = 0;
  #offset = 0;
  /** Whether the fold began with a snapshot that reaches as far as the topic's first record. */
  #restored = false;
  readonly #snapshots: SnapshotKeeper | undefined;
  #stopping = false;

  constructor(options: ControlLogOptions) {
    this.#options = options;
    const { log, onWarning, snapshots } = options;
    if (snapshots !== undefined) this.#snapshots = new SnapshotKeeper(log, onWarning, snapshots);
    this.state = options.state ?? new ControlState();
    this.feed = new ChangeFeed(options.fedChanges ?? 0);
    this.#caughtUp = new Promise((resolve) => (this.#reached = resolve));
    void this.#follow();
  }

  /** Resolves when everything that was in the topic at the start is in the fold; waits as long as the log is away. */
  caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** The same for at most so long; says whether it has. */
  async caughtUpWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.#caughtUp, impatient]);
    clearTimeout(timer);
    return this.isCaughtUp;
  }

  /** Whether the fold has everything that was in the topic at the start. */
  get isCaughtUp(): boolean {
    return this.#target !== undefined && this.#offset >= this.#target;
  }

  /**
   * Whether the fold has everything that was ever configured: the topic still had its first record when this began, or a snapshot of what came
   * before. Without either, what is missing in the fold may yet be configured.
   */
  get isWhole(): boolean {
    return this.isCaughtUp && (this.#start === 0 || this.#restored);
  }

  /** Calls `listener` after each change that was applied, from now on. Returns how to stop that. */
  onChange(listener: (change: AppliedChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes changes, all of them or none, and resolves when they are in `state` or with why they are not.
   * Throws ControlLogError when that is not known: the log is away, or there are too many changes under way.
   */
  async change(by: Actor, changes: readonly ObjectChange[], note?: string): Promise<ChangeOutcome> {
    const request = randomUUID();
    const record: ChangeRecord = {
      type: 'change',
      request,
      by,
      ...(note !== undefined && { note }),
      changes: [...changes],
    };
    const value = Buffer.from(JSON.stringify(record));
    if (value.length > MAX_RECORD_BYTES)
      return tooLarge(`The change has ${value.length} bytes; it may have ${MAX_RECORD_BYTES}.`);
    if (this.#waiting.size >= MAX_WAITING)
      throw new ControlLogError('busy', 'Too many changes are waiting for the control log. Try again in some seconds.');
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ChangeOutcome>((resolve, reject) => {
        this.#waiting.set(request, resolve);
        const fail = (cause?: unknown): void =>
          reject(
            new ControlLogError('unavailable', 'The control log did not answer; the change may have been made.', cause),
          );
        timer = setTimeout(fail, ANSWER_MS);
        this.#options.log.append(TOPIC.control, [{ value }], PARTITION).catch((error: unknown) => {
          if (error instanceof LogError && error.code === 'too_large') resolve(tooLarge(error.message));
          else fail(error);
        });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }

  /** What was done to an object, newest first. Throws LogError. */
  history(kind: ControlKind, id: string, limit: number): Promise<readonly HistoryEntry[]> {
    return this.#history.of(this.#options.log, kind, id, limit);
  }

  /** Follows no more. A read under way, which takes long while the log is away, is not waited for. */
  close(): void {
    this.#stopping = true;
    this.#snapshots?.close();
  }

  async #follow(): Promise<void> {
    const { log, onWarning } = this.#options;
    while (!this.#stopping) {
      try {
        if (this.#target === undefined) await this.#begin();
        if (this.isCaughtUp) this.#reached();
        const records = await log.readFrom(TOPIC.control, PARTITION, this.#offset, LIMITS);
        if (this.#stopping) return;
        for (const record of records) {
          this.#handle(record);
          this.#offset = record.offset + 1;
          this.#snapshots?.passed(record.offset, record.value.length, () => ({
            state: this.state,
            next: this.#offset,
          }));
        }
      } catch (error) {
        if (this.#stopping) return;
        if (isCorrupt(error)) await this.#goPast(error);
        else {
          onWarning('the control log cannot be read', error);
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }
  }

  /** Finds out how far the topic reaches, and where to begin: at its start while that is its beginning, else with the newest snapshot. */
  async #begin(): Promise<void> {
    const { log } = this.#options;
    const { start, end } = await log.bounds(TOPIC.control, PARTITION);
    if (start > 0) await this.#restore(start, end);
    this.#start = start;
    this.#target = end;
  }

  /** The topic has records `start` to `end` only. */
  async #restore(start: number, end: number): Promise<void> {
    const { log, onWarning } = this.#options;
    const newest = await newestSnapshot(log);
    // One that knows of records which the topic does not have is of another topic of this name, before it was made anew.
    const objects = newest === undefined || newest.next > end ? undefined : await readSnapshot(log, newest);
    if (newest === undefined || objects === undefined)
      return onWarning('the beginning of the control log is gone, and there is no snapshot of it');
    const leftOut = this.state.restore(objects);
    if (leftOut > 0) onWarning(`${leftOut} objects of the control log's snapshot are none that this service knows`);
    this.#offset = newest.next;
    this.#snapshots?.found(newest.next);
    this.#restored = newest.next >= start;
    if (!this.#restored)
      onWarning(`the control log begins after its snapshot: ${start - newest.next} records are gone`);
  }

  async #goPast(error: unknown): Promise<void> {
    const { log, onWarning } = this.#options;
    const from = this.#offset;
    try {
      this.#offset = await nextReadable(log, TOPIC.control, PARTITION, from + 1);
      onWarning(`records ${from} to ${this.#offset - 1} of the control log are spoilt and left out`, error);
    } catch (again) {
      onWarning('the control log cannot be read', again);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #handle(record: StoredRecord): void {
    const value = parsed(record.value);
    if (!isChange(value)) {
      this.#options.onOther?.(value, record);
      return;
    }
    const outcome = this.state.apply(value, record.timestampUs);
    if (outcome.applied) {
      const change = { record: value, atUs: record.timestampUs, changed: outcome.changed };
      this.#history.remember(record.offset, outcome.changed);
      this.feed.add(record.timestampUs, value.by, value.note, outcome.changed, this.state);
      for (const listener of this.#listeners) listener(change);
    }
    this.#waiting.get(value.request)?.(outcome);
  }
}

function tooLarge(message: string): { readonly applied: false; readonly refusal: Refusal } {
  return { applied: false, refusal: { code: 'limit', message } };
}

/** Undefined when it is no JSON. */
function parsed(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether it means to be one; the fold says whether it is. */
function isChange(value: unknown): value is ChangeRecord {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'change';
}

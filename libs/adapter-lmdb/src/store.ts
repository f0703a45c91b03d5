// The LMDB environment and what lies under which key. Nothing here waits: reads are memory reads, writes happen inside the
// callbacks of the transaction writer.
//
// `overlappingSync` is off on purpose. With it (lmdb's default) a commit is visible, and its promise resolves, before the fdatasync;
// a consumer could hand on a record that a power cut then takes back, and its offset would later name another record. Without it LMDB writes the pages,
// fdatasyncs, and writes the meta page through an O_DSYNC descriptor before the commit is visible to anybody (durability.test.ts; docs/adr/0003).
//
// Versions carry the concurrency: a head's version is its end offset, a start's version its first offset, a lease's version its epoch,
// a member's its heartbeat count. A writer states the version it read, and LMDB applies its writes only if that still holds.
import { mkdirSync, realpathSync, statfsSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LogError } from '@assay/event-log';

/** A kind, then what it belongs to. */
export type MetaKey = (string | number)[];

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/** The writing end of a partition; `bytes` counts all bytes ever appended. */
export interface Head {
  readonly end: number;
  readonly bytes: number;
}

/** The retained end of a partition; `bytes` counts all bytes ever dropped. */
export interface Start {
  readonly offset: number;
  readonly bytes: number;
}

const VIRTUAL_SLACK = 2;

export class Store {
  readonly dir: string;
  readonly root: RootDatabase<unknown, string>;
  readonly records: Database<Buffer, Buffer>;
  readonly meta: Database<unknown, MetaKey>;

  constructor(dir: string, maxStoredBytes: number) {
    mkdirSync(dir, { recursive: true });
    this.dir = realpathSync(dir);
    this.root = open({
      path: this.dir,
      noSubdir: false,
      overlappingSync: false,
      // Only operations issued together share a transaction, so that no transaction waits for a busy event loop to finish its turn.
      eventTurnBatching: false,
      maxDbs: 2,
      // Address space, not memory or disk: room for every record kept and for the gaps between them, so that the map never moves.
      mapSize: Math.ceil((maxStoredBytes * VIRTUAL_SLACK) / 2 ** 30 + 1) * 2 ** 30,
    });
    this.records = this.root.openDB<Buffer, Buffer>({
      name: 'records',
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
    });
    this.meta = this.root.openDB<unknown, MetaKey>({ name: 'meta', encoding: 'json', useVersions: true });
  }

  /** Makes the reads that follow see everything committed until now, by any thread or process. */
  refresh(): void {
    this.root.resetReadTxn();
  }

  entry<T>(key: MetaKey): Versioned<T> | undefined {
    const entry = this.meta.getEntry(key);
    return entry === undefined ? undefined : { value: entry.value as T, version: entry.version ?? 0 };
  }

  value<T>(key: MetaKey): T | undefined {
    return this.meta.get(key) as T | undefined;
  }

  /** Only inside a transaction of the writer. */
  put(key: MetaKey, value: unknown, version: number): void {
    void this.meta.put(key, value, version);
  }

  /** Only inside a transaction of the writer. */
  remove(key: MetaKey): void {
    void this.meta.remove(key);
  }

  /** Changes whenever somebody joined or left the group or a partition changed hands. */
  groupRevision(group: string): number | undefined {
    return this.entry(['group', group])?.version;
  }

  /** Only inside a transaction of the writer. */
  touchGroup(group: string): void {
    this.put(['group', group], 0, Math.random());
  }

  head(partitionId: number): Head {
    return this.value<Head>(headKey(partitionId)) ?? { end: 0, bytes: 0 };
  }

  start(partitionId: number): Start {
    return this.value<Start>(startKey(partitionId)) ?? { offset: 0, bytes: 0 };
  }

  close(): Promise<void> {
    return this.root.close();
  }
}

export const headKey = (partitionId: number): MetaKey => ['head', partitionId];
export const startKey = (partitionId: number): MetaKey => ['start', partitionId];
export const positionKey = (group: string, partitionId: number): MetaKey => ['position', group, partitionId];
export const leaseKey = (group: string, partitionId: number): MetaKey => ['lease', group, partitionId];
export const memberKey = (group: string, member: string): MetaKey => ['member', group, member];

/** Partition (u32) and base offset (u48), big-endian, so that a partition's frames lie in order. */
export function recordKey(partitionId: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(10);
  key.writeUInt32BE(partitionId, 0);
  key.writeUIntBE(offset, 4, 6);
  return key;
}

export const recordKeyOffset = (key: Buffer): number => key.readUIntBE(4, 6);

// ENOSPC, EDQUOT, EFBIG and LMDB's own MDB_MAP_FULL and MDB_TXN_FULL: there is no room now, there may be later.
const NO_ROOM = new Set<unknown>([28, 122, 27, -30792, -30788]);
// LMDB reports a write that the disk took only part of as EIO. That is a full disk when the disk says so too.
const EIO = 5;
const NEARLY_NOTHING_BYTES = 2 ** 20;

/** The LogError for a transaction in `dir` that did not commit: nothing of it happened. */
export async function commitFailure(error: unknown, dir: string): Promise<LogError> {
  if (error instanceof LogError) return error;
  // lmdb puts the reason in a second promise that rejects; leaving it alone would be an unhandled rejection.
  const pending = (error as { commitError?: Promise<unknown> }).commitError;
  const cause: unknown = pending === undefined ? error : await pending.catch((reason: unknown) => reason);
  const code = (cause as { code?: unknown }).code;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (NO_ROOM.has(code) || (code === EIO && freeBytes(dir) < NEARLY_NOTHING_BYTES)) {
    return new LogError('full', `the disk of the log in ${dir} is full: ${text}`, { retriable: true, cause });
  }
  return new LogError('unavailable', `the log in ${dir} could not be written: ${text}`, { retriable: true, cause });
}

function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

// What goes to the scripts and comes from the keys, as bytes: doubles as they are, so that no number is rounded on its way through
// text, and texts with their length before them. The scripts read the same with Redis's own `struct` library.
import type { LiveDelta, LiveSnapshot, LiveUpdate, LiveWorker } from '@assay/live-state';
import { LIVE_WINDOWS, liveRates, type DecayedByWindow } from '@assay/live-state';
import type { Algorithm } from '@assay/mining';
import type { DecayedWork } from '@assay/rollup';
import type { WorkerEvent } from '@assay/tenancy';

const FIRST_CAPACITY = 4_096;
const MAX_TEXT_BYTES = 65_535;
/** Workers, or events, that Redis takes in one step: some ten milliseconds. */
const PIECE = 1_000;

class Packer {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  numbers(...values: readonly number[]): this {
    this.#reserve(8 * values.length);
    for (const value of values) this.#length = this.#bytes.writeDoubleLE(value, this.#length);
    return this;
  }

  texts(...values: readonly string[]): this {
    for (const value of values) {
      const bytes = Buffer.from(value).subarray(0, MAX_TEXT_BYTES);
      this.#reserve(2 + bytes.length);
      this.#length = this.#bytes.writeUInt16LE(bytes.length, this.#length);
      this.#length += bytes.copy(this.#bytes, this.#length);
    }
    return this;
  }

  packed(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

class Unpacker {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** Where what is skipped begins. */
  skip(bytes: number): number {
    const start = this.#at;
    this.#at += bytes;
    return start;
  }

  text(): string {
    const start = this.#at + 2;
    this.#at = start + this.#bytes.readUInt16LE(this.#at);
    return this.#bytes.toString('utf8', start, this.#at);
  }
}

function packDeltas(deltas: readonly LiveDelta[]): Buffer {
  const packer = new Packer();
  for (const delta of deltas) {
    packer
      .texts(delta.worker, delta.tenant, delta.algorithm)
      .numbers(delta.accepted, delta.sinceUs, delta.bestShareDifficulty, delta.lastShareAtUs, delta.difficulty)
      .numbers(delta.difficultyAtUs);
    packDecayed(packer, delta.decayed);
  }
  return packer.packed();
}

const EVENT_CODES = { authorized: 1, disconnected: 2, gateway_started: 3, reject_burst: 4 } as const;

function packEvents(events: readonly WorkerEvent[]): Buffer {
  const packer = new Packer();
  for (const event of events) {
    const toWorker = event.type === 'gateway_started' ? undefined : event;
    const said = event.type === 'authorized' ? event : undefined;
    packer
      .numbers(EVENT_CODES[event.type], event.atUs, said?.difficulty ?? 0, said?.expectedHashRateHs ?? -1)
      .texts(event.gateway, toWorker?.connection ?? '', toWorker?.worker ?? '', toWorker?.tenant ?? '')
      .texts(said?.algorithm ?? '', said?.userAgent ?? '', said?.remoteAddress ?? '');
  }
  return packer.packed();
}

/** Some of an update: what Redis takes in one step. */
export interface Piece {
  readonly deltas: Buffer;
  readonly events: Buffer;
}

/** At least one. Events come before shares, in their order. */
export function packPieces({ events, deltas }: LiveUpdate): Piece[] {
  if (events.length + deltas.length <= PIECE) return [{ deltas: packDeltas(deltas), events: packEvents(events) }];
  const pieces: Piece[] = [];
  const nothing = Buffer.alloc(0);
  for (let i = 0; i < events.length; i += PIECE)
    pieces.push({ deltas: nothing, events: packEvents(events.slice(i, i + PIECE)) });
  for (let i = 0; i < deltas.length; i += PIECE)
    pieces.push({ deltas: packDeltas(deltas.slice(i, i + PIECE)), events: nothing });
  return pieces;
}

/** A piece as one value, to be parked. */
export function joined({ deltas, events }: Piece): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(deltas.length);
  return Buffer.concat([length, deltas, events]);
}

/** A worker's record and its connections, as the script that stages a base takes them. */
export function packSnapshots(snapshots: readonly LiveSnapshot[]): Buffer {
  const packer = new Packer();
  for (const snapshot of snapshots) {
    packer
      .texts(snapshot.worker)
      .numbers(snapshot.firstSeenUs, snapshot.lastShareAtUs ?? 0, snapshot.difficulty, snapshot.authorizedAtUs)
      .numbers(snapshot.bestShareDifficulty, snapshot.expectedHashRateHs ?? -1, snapshot.authorizedAtUs, 0, 0);
    packDecayed(packer, snapshot.decayed);
    packer.texts(snapshot.algorithm, snapshot.tenant, snapshot.userAgent, snapshot.remoteAddress);
    packer.numbers(snapshot.connections.length);
    for (const { gateway, connection, sinceUs } of snapshot.connections)
      packer.texts(gateway, connection).numbers(sinceUs);
  }
  return packer.packed();
}

function packDecayed(packer: Packer, decayed: DecayedByWindow): void {
  for (const { name } of LIVE_WINDOWS) {
    const { atUs, work, workSquared } = decayed[name];
    packer.numbers(atUs, work, workSquared);
  }
}

/** A worker as of `nowUs`, from its record (the layout is that of RECORD in scripts.ts). */
export function unpackWorker(worker: string, record: Buffer, nowUs: number): LiveWorker {
  const from = new Unpacker(record);
  const [firstSeenUs, lastShareAtUs, difficulty] = [from.number(), from.number(), from.number()];
  from.skip(8); // When the difficulty was assigned: the script alone needs it.
  const [bestShareDifficulty, expectedHashRateHs] = [from.number(), from.number()];
  from.skip(8); // When the worker was authorized last, likewise.
  const [connections, connectedSinceUs] = [from.number(), from.number()];
  const decayed = new PackedSums(record, from.skip(LIVE_WINDOWS.length * WINDOW_BYTES));
  const algorithm = from.text() as Algorithm;
  return {
    tenant: from.text(),
    worker,
    algorithm,
    userAgent: from.text(),
    remoteAddress: from.text(),
    connections,
    connectedSinceUs: connections === 0 ? undefined : connectedSinceUs,
    firstSeenUs,
    lastShareAtUs: lastShareAtUs === 0 ? undefined : lastShareAtUs,
    difficulty,
    bestShareDifficulty,
    expectedHashRateHs: expectedHashRateHs < 0 ? undefined : expectedHashRateHs,
    rates: liveRates({ algorithm, firstSeenUs, difficulty, decayed }, nowUs),
  };
}

const WINDOW_BYTES = 3 * 8;

/** A worker's decayed sums, in the order of LIVE_WINDOWS; those of a window are unpacked when they are read. */
class PackedSums implements DecayedByWindow {
  readonly #record: Buffer;
  readonly #start: number;

  constructor(record: Buffer, start: number) {
    this.#record = record;
    this.#start = start;
  }

  get '1m'(): DecayedWork {
    return this.#window(0);
  }
  get '5m'(): DecayedWork {
    return this.#window(1);
  }
  get '15m'(): DecayedWork {
    return this.#window(2);
  }
  get '1h'(): DecayedWork {
    return this.#window(3);
  }
  get '1d'(): DecayedWork {
    return this.#window(4);
  }

  #window(index: number): DecayedWork {
    const at = this.#start + index * WINDOW_BYTES;
    return {
      atUs: this.#record.readDoubleLE(at),
      work: this.#record.readDoubleLE(at + 8),
      workSquared: this.#record.readDoubleLE(at + 16),
    };
  }
}

/** A partition's entry (the layout is that of `entry` in scripts.ts). */
export interface PartitionEntry {
  readonly position: number | undefined;
  readonly reachedUs: number;
  readonly said: { readonly endOffset: number; readonly reachedUs: number };
}

export function unpackPartition(entry: Buffer): PartitionEntry {
  const from = new Unpacker(entry);
  from.skip(3 * 8); // What the base lacks: the script alone needs it.
  const [position, reachedUs] = [from.number(), from.number()];
  const said = { endOffset: from.number(), reachedUs: from.number() };
  return { position: position < 0 ? undefined : position, reachedUs, said };
}

// Reads the frame of an Arrow IPC stream: which messages there are, and which bytes of each are whose buffer. A block may come
// from a compromised gateway, and a general reader trusts the lengths it finds (a four-byte change makes it allocate gigabytes);
// this one reads only what a share block can contain, and every length is checked against the bytes that are there.
// Source: Arrow columnar format, "Encapsulated message format"; Message.fbs, Schema.fbs; FlatBuffers binary format.
import { ShareBlockError } from './share-block-error.ts';

/** A record batch or dictionary: its length, the null counts of its columns, and its buffers in order. */
export interface Batch {
  readonly length: number;
  readonly nullCounts: readonly number[];
  readonly buffers: readonly Uint8Array[];
}

export interface Stream {
  readonly dictionaries: ReadonlyMap<number, Batch>;
  readonly batch: Batch;
}

const CONTINUATION = 0xffffffff;
const HEADER_DICTIONARY = 2;
const HEADER_RECORD_BATCH = 3;
const MAX_COLUMNS = 32;
const MAX_BUFFERS = 64;

function malformed(message: string): ShareBlockError {
  return new ShareBlockError('malformed', `share block is malformed: ${message}`);
}

/**
 * The messages after the schema.
 * @param bytes the whole stream, beginning at a multiple of 8 in its buffer, so that columns can be viewed in place
 * @param start where the schema message ends
 * Throws ShareBlockError 'malformed'.
 */
export function readStream(bytes: Uint8Array, start: number): Stream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dictionaries = new Map<number, Batch>();
  let batch: Batch | undefined;
  let at = start;
  try {
    for (;;) {
      if (view.getUint32(at, true) !== CONTINUATION) throw malformed(`no message at byte ${at}`);
      const metadataBytes = view.getUint32(at + 4, true);
      at += 8;
      if (metadataBytes === 0) break;
      if (metadataBytes % 8 !== 0 || metadataBytes > bytes.length - at)
        throw malformed(`metadata of ${metadataBytes} bytes`);
      // Views of the metadata alone: whatever the tables inside refer to, they cannot reach beyond it.
      const message = rootTable(new DataView(bytes.buffer, bytes.byteOffset + at, metadataBytes));
      at += metadataBytes;
      const bodyBytes = message.int64(3);
      if (bodyBytes % 8 !== 0 || bodyBytes > bytes.length - at) throw malformed(`body of ${bodyBytes} bytes`);
      const body = bytes.subarray(at, at + bodyBytes);
      at += bodyBytes;
      const header = message.table(2);
      const kind = message.uint8(1);
      if (kind === HEADER_DICTIONARY) {
        const id = header.int64(0);
        if (header.uint8(2) !== 0 || dictionaries.has(id) || batch)
          throw malformed(`dictionary ${id} is a delta, twice there or late`);
        if (dictionaries.size === MAX_COLUMNS) throw malformed('too many dictionaries');
        dictionaries.set(id, readBatch(header.table(1), body));
      } else if (kind === HEADER_RECORD_BATCH) {
        if (batch) throw malformed('more than one record batch');
        batch = readBatch(header, body);
      } else {
        throw malformed(`message of kind ${kind}`);
      }
    }
  } catch (error) {
    // DataView throws a RangeError for every read beyond its bytes.
    if (error instanceof RangeError)
      throw new ShareBlockError('malformed', 'share block is malformed: it is cut short', { cause: error });
    throw error;
  }
  if (at !== bytes.length) throw malformed(`${bytes.length - at} bytes after its end`);
  if (!batch) throw malformed('no record batch');
  return { dictionaries, batch };
}

function readBatch(header: FlatTable, body: Uint8Array): Batch {
  if (header.has(3)) throw malformed('it is compressed');
  const nullCounts = header.structs(1, 16, MAX_COLUMNS, (view, at) => int64(view, at + 8));
  const buffers = header.structs(2, 16, MAX_BUFFERS, (view, at) => {
    const offset = int64(view, at);
    const length = int64(view, at + 8);
    if (offset % 8 !== 0 || offset > body.length || length > body.length - offset) {
      throw malformed(`a buffer of ${length} bytes at ${offset} in a body of ${body.length}`);
    }
    return body.subarray(offset, offset + length);
  });
  return { length: header.int64(0), nullCounts, buffers };
}

/** A non-negative 64-bit integer small enough to be a length. */
function int64(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  if (high !== 0) throw malformed('a length of more than 32 bits');
  return view.getUint32(at, true);
}

function rootTable(view: DataView): FlatTable {
  return new FlatTable(view, view.getUint32(0, true));
}

/** A FlatBuffers table: fields are found through its vtable by their number, and an absent field has its default, 0. */
class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#vtableBytes = view.getUint16(this.#vtable, true);
  }

  #field(number: number): number {
    const entry = 4 + 2 * number;
    const offset = entry + 2 > this.#vtableBytes ? 0 : this.#view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  has(number: number): boolean {
    return this.#field(number) !== 0;
  }

  uint8(number: number): number {
    const at = this.#field(number);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  int64(number: number): number {
    const at = this.#field(number);
    return at === 0 ? 0 : int64(this.#view, at);
  }

  table(number: number): FlatTable {
    const at = this.#field(number);
    if (at === 0) throw malformed('a message without its content');
    return new FlatTable(this.#view, at + this.#view.getUint32(at, true));
  }

  /** A vector of at most `most` structs of `size` bytes. */
  structs<T>(number: number, size: number, most: number, read: (view: DataView, at: number) => T): T[] {
    const field = this.#field(number);
    if (field === 0) return [];
    const at = field + this.#view.getUint32(field, true);
    const length = this.#view.getUint32(at, true);
    if (length > most) throw malformed(`${length} entries where at most ${most} belong`);
    return Array.from({ length }, (_, i) => read(this.#view, at + 4 + i * size));
  }
}

// Arrow IPC streams from typed arrays: what one insert sends to ClickHouse. A stream holds exactly one record batch, so that
// ClickHouse makes one block of it and one deduplication token covers it whole.
import { assert } from '@assay/kernel';
import {
  Dictionary,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Decimal,
  vectorFromArray,
} from 'apache-arrow';
import type { Data } from 'apache-arrow';

/** Columns by name, all of one length. */
export type Columns = Readonly<Record<string, Data>>;

const TWO_32 = 2 ** 32;
const UTC_MICROS = new TimestampMicrosecond('UTC');
const UTC_SECONDS = new TimestampSecond('UTC');

let lastDictionary = 0;

/** Few distinct strings; becomes ClickHouse LowCardinality(String). */
export function dictionaryColumn(codes: Uint32Array, values: readonly string[]): Data {
  const type = new Dictionary(new Utf8(), new Uint32(), ++lastDictionary, false);
  return makeData({
    type,
    length: codes.length,
    nullCount: 0,
    data: codes,
    dictionary: vectorFromArray(values, new Utf8()),
  });
}

/** The same string in every row. */
export const constantColumn = (value: string, length: number): Data =>
  dictionaryColumn(new Uint32Array(length), [value]);

/** One string per row, equal ones stored once. */
export function stringColumn(values: readonly string[]): Data {
  const codeOf = new Map<string, number>();
  const codes = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    let code = codeOf.get(values[row]!);
    if (code === undefined) codeOf.set(values[row]!, (code = codeOf.size));
    codes[row] = code;
  }
  return dictionaryColumn(codes, [...codeOf.keys()]);
}

/** One string per row, stored as it stands: for fields of a tuple. */
export const plainStringColumn = (values: readonly string[]): Data => vectorFromArray(values, new Utf8()).data[0]!;

/** Text as it stands: row i is `text.subarray(offsets[i], offsets[i + 1])`, ASCII. */
export function textColumn(offsets: Int32Array, text: Uint8Array): Data {
  return makeData({ type: new Utf8(), length: offsets.length - 1, nullCount: 0, valueOffsets: offsets, data: text });
}

export const float64Column = (data: Float64Array): Data =>
  makeData({ type: new Float64(), length: data.length, nullCount: 0, data });
export const uint32Column = (data: Uint32Array): Data =>
  makeData({ type: new Uint32(), length: data.length, nullCount: 0, data });
export const uint8Column = (data: Uint8Array): Data =>
  makeData({ type: new Uint8(), length: data.length, nullCount: 0, data });

/** Non-negative integers up to 2^53, as UInt64. */
export function uint64Column(values: ArrayLike<number>): Data {
  return makeData({
    type: new Uint64(),
    length: values.length,
    nullCount: 0,
    data: new BigUint64Array(words(values).buffer),
  });
}

/** 64-bit masks from their halves. */
export function mask64Column(low: Uint32Array, high: Uint32Array): Data {
  const out = new Uint32Array(2 * low.length);
  for (let i = 0; i < low.length; i++) {
    out[2 * i] = low[i]!;
    out[2 * i + 1] = high[i]!;
  }
  return makeData({ type: new Uint64(), length: low.length, nullCount: 0, data: new BigUint64Array(out.buffer) });
}

/** Microseconds since 1970, as DateTime64(6, 'UTC'). */
export function microsColumn(us: ArrayLike<number>): Data {
  return makeData({ type: UTC_MICROS, length: us.length, nullCount: 0, data: new BigInt64Array(words(us).buffer) });
}

/** The same where `present` says so, null elsewhere. */
export function nullableMicrosColumn(us: Float64Array, present: (row: number) => boolean): Data {
  const validity = new Uint8Array(Math.ceil(us.length / 8));
  const values = new Float64Array(us.length);
  let nullCount = 0;
  for (let i = 0; i < us.length; i++) {
    if (present(i)) {
      validity[i >> 3]! |= 1 << (i & 7);
      values[i] = us[i]!;
    } else nullCount++;
  }
  const data = new BigInt64Array(words(values).buffer);
  return makeData({ type: UTC_MICROS, length: us.length, nullCount, nullBitmap: validity, data });
}

/** Microseconds that are whole seconds, as DateTime('UTC'). */
export function secondsColumn(us: Float64Array): Data {
  const data = new BigInt64Array(words(us.map((value) => Math.floor(value / 1e6))).buffer);
  return makeData({ type: UTC_SECONDS, length: us.length, nullCount: 0, data });
}

/** Non-negative integers in units of 10^-scale below 2^127, as Decimal(38, scale). */
export function decimalColumn(units: readonly bigint[], scale: number): Data {
  const words64 = new BigUint64Array(2 * units.length);
  units.forEach((value, i) => {
    words64[2 * i] = value & 0xffff_ffff_ffff_ffffn;
    words64[2 * i + 1] = value >> 64n;
  });
  return makeData({
    type: new Decimal(scale, 38, 128),
    length: units.length,
    nullCount: 0,
    data: new Uint32Array(words64.buffer),
  });
}

/** Named columns within one: a ClickHouse Tuple. */
export function tupleColumn(columns: Columns): Data {
  const children = Object.values(columns);
  return makeData({ type: new Struct(fieldsOf(columns)), length: children[0]!.length, nullCount: 0, children });
}

/** What one insert sends. */
export interface ArrowRows {
  readonly columns: readonly string[];
  readonly stream: Uint8Array;
}

/** The columns as one Arrow IPC stream of one record batch. */
export function arrowStream(columns: Columns): ArrowRows {
  const children = Object.values(columns);
  // The writer numbers buffers by identity: of a column given twice, the second would point nowhere.
  assert(new Set(children).size === children.length, 'each column of a stream has data of its own');
  const fields = fieldsOf(columns);
  const data = makeData({ type: new Struct(fields), length: children[0]!.length, nullCount: 0, children });
  const stream = RecordBatchStreamWriter.writeAll([new RecordBatch(new Schema(fields), data)]).toUint8Array(true);
  return { columns: Object.keys(columns), stream };
}

function fieldsOf(columns: Columns): Field[] {
  return Object.entries(columns).map(([name, data]) => new Field(name, data.type, data.nullCount > 0));
}

/** Little-endian 64-bit words without a BigInt per value. */
function words(values: ArrayLike<number>): Uint32Array {
  const out = new Uint32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[2 * i] = value % TWO_32;
    out[2 * i + 1] = value / TWO_32;
  }
  return out;
}

// Kafka's record batch (message format 2, https://kafka.apache.org/documentation/#recordbatch): what one append of ours becomes, whole or not at
// all. Written here and not taken from kafkajs because kafkajs does not verify checksums, so that a flipped bit would reach ClickHouse.
//
// Big-endian. Header, 61 bytes:
//   0  i64 base offset                 8  i32 bytes that follow          12 i32 leader epoch
//   16 i8  format (2)                  17 u32 crc32c of bytes 21..end    21 i16 attributes: 0..2 compression, 3 append time, 5 control
//   23 i32 last offset - base offset   27 i64 first timestamp, ms        35 i64 last timestamp
//   43 i64 producer id                 51 i16 producer epoch             53 i32 base sequence
//   57 i32 record count
// Then the records, compressed together. Numbers in them are zigzag varints (varint.ts).
import { LogError, type LogRecord, type StoredRecord } from '@assay/event-log';
import { compress, decompress, type Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { VarintReader, VarintWriter } from './varint.ts';

const HEADER_BYTES = 61;
const PREFIX_BYTES = 12;
const FORMAT = 2;
const COMPRESSION_BITS = 0x07;
const APPEND_TIME = 0x08;
const CONTROL = 0x20;

export interface ProducerStamp {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

export interface EncodedRecords {
  readonly count: number;
  readonly bytes: Buffer;
  readonly compression: number;
  readonly timestampMs: number;
}

/** Lays the records out and compresses them; the values are copied. The stamp comes later, with `sealBatch`. */
export async function encodeRecords(
  records: readonly LogRecord[],
  timestampMs: number,
  compression: Compression,
): Promise<EncodedRecords> {
  const writer = new VarintWriter();
  for (const [i, record] of records.entries()) {
    const body = new VarintWriter();
    body.byte(0);
    body.varint(0);
    body.varint(i);
    body.text(record.key);
    body.varint(record.value.length);
    const headers = Object.entries(record.headers ?? {});
    const tail = new VarintWriter();
    tail.varint(headers.length);
    for (const [name, value] of headers) {
      tail.text(name);
      tail.text(value);
    }
    writer.varint(body.length + record.value.length + tail.length);
    writer.append(body);
    writer.bytes(record.value);
    writer.append(tail);
  }
  const { code, bytes } = await compress(writer.take(), compression);
  return { count: records.length, bytes, compression: code, timestampMs };
}

/** The batch as it is sent. */
export function sealBatch(records: EncodedRecords, stamp: ProducerStamp): Buffer {
  const batch = Buffer.allocUnsafe(HEADER_BYTES + records.bytes.length);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - PREFIX_BYTES, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(FORMAT, 16);
  batch.writeInt16BE(records.compression, 21);
  batch.writeInt32BE(records.count - 1, 23);
  batch.writeBigInt64BE(BigInt(records.timestampMs), 27);
  batch.writeBigInt64BE(BigInt(records.timestampMs), 35);
  batch.writeBigInt64BE(stamp.producerId, 43);
  batch.writeInt16BE(stamp.epoch, 51);
  batch.writeInt32BE(stamp.sequence, 53);
  batch.writeInt32BE(records.count, 57);
  records.bytes.copy(batch, HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

export interface RawBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly bytes: Buffer;
}

/** The batches of a Fetch answer, in order. A broker cuts the last one off where its limit is; that one is left out. */
export function splitBatches(bytes: Buffer): RawBatch[] {
  const batches: RawBatch[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = PREFIX_BYTES + bytes.readInt32BE(at + 8);
    if (length < HEADER_BYTES || length > bytes.length - at) break;
    const baseOffset = Number(bytes.readBigInt64BE(at));
    const batch = bytes.subarray(at, at + length);
    batches.push({ baseOffset, lastOffset: baseOffset + batch.readInt32BE(23), bytes: batch });
    at += length;
  }
  return batches;
}

/**
 * The records of a batch, each value a copy of its own, so that Arrow finds it aligned and a kept record does not keep a whole answer.
 * Throws LogError 'corrupt', naming `where` (e.g. shares.submitted/3).
 */
export async function decodeBatch({ baseOffset, bytes }: RawBatch, where: string): Promise<StoredRecord[]> {
  const corrupt = (what: string, cause?: unknown): LogError =>
    new LogError('corrupt', `${where}: the batch at offset ${baseOffset} ${what}`, { retriable: false, cause });
  if (bytes.readInt8(16) !== FORMAT) throw corrupt(`has format ${bytes.readInt8(16)}`);
  if (bytes.readUInt32BE(17) !== crc32c(bytes.subarray(21))) throw corrupt('does not match its checksum');
  const attributes = bytes.readInt16BE(21);
  // Markers of transactions: not records.
  if ((attributes & CONTROL) !== 0) return [];
  const firstMs = Number(bytes.readBigInt64BE(27));
  const appendedMs = (attributes & APPEND_TIME) !== 0 ? Number(bytes.readBigInt64BE(35)) : undefined;
  const count = bytes.readInt32BE(57);
  try {
    const reader = new VarintReader(await decompress(bytes.subarray(HEADER_BYTES), attributes & COMPRESSION_BITS));
    return Array.from({ length: count }, () => readRecord(reader, baseOffset, firstMs, appendedMs));
  } catch (cause) {
    throw corrupt('cannot be decoded', cause);
  }
}

function readRecord(
  reader: VarintReader,
  baseOffset: number,
  firstMs: number,
  appendedMs: number | undefined,
): StoredRecord {
  reader.varint();
  reader.byte();
  const timestampMs = firstMs + reader.varint();
  const offset = baseOffset + reader.varint();
  const key = reader.bytes();
  const value = reader.bytes();
  const headers = Array.from({ length: reader.varint() }, () => [text(reader.bytes()), text(reader.bytes())] as const);
  return {
    offset,
    timestampUs: (appendedMs ?? timestampMs) * 1000,
    value: value === undefined ? new Uint8Array() : new Uint8Array(value),
    ...(key !== undefined && { key: text(key) }),
    // fromEntries and not assignment: a header may be called __proto__.
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
  };
}

const text = (bytes: Buffer | undefined): string => bytes?.toString('utf8') ?? '';

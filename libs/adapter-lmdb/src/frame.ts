// The bytes of one append: all its records, stored as one LMDB value under (partition, base offset). One value per append makes it
// all or nothing by construction and costs one checksum, one copy and one tree insert however many records it holds.
//
// Little-endian. Header, 32 bytes:
//   0  u32 crc32 of bytes 4..end      4  u8 format (1), 3 bytes zero
//   8  u32 record count               12 u32 zero
//   16 f64 base offset                24 f64 timestamp, microseconds since 1970
// Then each record, starting at a multiple of 8:
//   0  u32 value length               4  u32 key length + 1, or 0 for no key
//   8  u32 header count               12 u32 length of the text part
//   16 text part: the key, then name and value of each header as u32 length + bytes; UTF-8. Zeros up to a multiple of 8.
//   .. the value, so that it starts 8-aligned and Arrow reads it in place. Zeros up to a multiple of 8.
import { crc32 } from 'node:zlib';
import { LogError, type LogRecord, type StoredRecord } from '@assay/event-log';

const FORMAT = 1;
const HEADER_BYTES = 32;
const RECORD_HEADER_BYTES = 16;

const align8 = (length: number): number => (length + 7) & ~7;

/** Lays the records out; the base offset and the checksum come later, with `stampFrame`, when the offset is known. Copies the values. */
export function encodeFrame(records: readonly LogRecord[], timestampUs: number): Buffer {
  const texts = records.map(encodeText);
  let length = HEADER_BYTES;
  for (const [i, record] of records.entries())
    length += RECORD_HEADER_BYTES + align8(texts[i]!.length) + align8(record.value.length);

  // allocUnsafeSlow: never from the shared pool, so that the frame starts 8-aligned and pins nothing else. Padding is zeroed by hand.
  const frame = Buffer.allocUnsafeSlow(length);
  frame.fill(0, 0, HEADER_BYTES);
  frame[4] = FORMAT;
  frame.writeUInt32LE(records.length, 8);
  frame.writeDoubleLE(timestampUs, 24);
  let at = HEADER_BYTES;
  for (const [i, record] of records.entries()) {
    const text = texts[i]!;
    frame.writeUInt32LE(record.value.length, at);
    frame.writeUInt32LE(record.key === undefined ? 0 : Buffer.byteLength(record.key) + 1, at + 4);
    frame.writeUInt32LE(record.headers === undefined ? 0 : Object.keys(record.headers).length, at + 8);
    frame.writeUInt32LE(text.length, at + 12);
    at = place(frame, text, at + RECORD_HEADER_BYTES);
    at = place(frame, record.value, at);
  }
  return frame;
}

function place(frame: Buffer, bytes: Uint8Array, at: number): number {
  frame.set(bytes, at);
  const end = at + align8(bytes.length);
  frame.fill(0, at + bytes.length, end);
  return end;
}

const NO_TEXT = Buffer.alloc(0);

function encodeText(record: LogRecord): Buffer {
  if (record.key === undefined && record.headers === undefined) return NO_TEXT;
  const parts = record.key === undefined ? [] : [Buffer.from(record.key)];
  for (const pair of Object.entries(record.headers ?? {})) {
    for (const text of pair) {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
}

/** Writes the base offset and seals the frame. May be called again with another offset. */
export function stampFrame(frame: Buffer, baseOffset: number): void {
  frame.writeDoubleLE(baseOffset, 16);
  frame.writeUInt32LE(crc32(frame.subarray(4)), 0);
}

export interface Frame {
  readonly baseOffset: number;
  readonly count: number;
  readonly timestampUs: number;
}

/** Verifies the checksum and that the frame is the one stored at `baseOffset`. Throws LogError 'corrupt', naming `where`. */
export function openFrame(frame: Buffer, baseOffset: number, where: string): Frame {
  const intact =
    frame.length >= HEADER_BYTES &&
    frame[4] === FORMAT &&
    frame.readUInt32LE(0) === crc32(frame.subarray(4)) &&
    frame.readDoubleLE(16) === baseOffset;
  if (!intact)
    throw new LogError('corrupt', `${where}: the bytes at offset ${baseOffset} do not match their checksum`, {
      retriable: false,
    });
  return { baseOffset, count: frame.readUInt32LE(8), timestampUs: frame.readDoubleLE(24) };
}

/** The record count of a frame, without verifying it. */
export const frameCount = (frame: Buffer): number => frame.readUInt32LE(8);

/** The append time of a frame, without verifying it. */
export const frameTimestampUs = (frame: Buffer): number => frame.readDoubleLE(24);

/** The records of an opened frame in order. Values are views into the frame. */
export function* frameRecords(bytes: Buffer, frame: Frame): Generator<StoredRecord> {
  let at = HEADER_BYTES;
  for (let i = 0; i < frame.count; i++) {
    const valueLength = bytes.readUInt32LE(at);
    const keyLength = bytes.readUInt32LE(at + 4);
    const headerCount = bytes.readUInt32LE(at + 8);
    const textLength = bytes.readUInt32LE(at + 12);
    const textAt = at + RECORD_HEADER_BYTES;
    const valueAt = textAt + align8(textLength);
    at = valueAt + align8(valueLength);
    yield {
      offset: frame.baseOffset + i,
      timestampUs: frame.timestampUs,
      value: bytes.subarray(valueAt, valueAt + valueLength),
      ...(keyLength > 0 && { key: bytes.toString('utf8', textAt, textAt + keyLength - 1) }),
      ...(headerCount > 0 && { headers: readHeaders(bytes, textAt + Math.max(0, keyLength - 1), headerCount) }),
    };
  }
}

function readHeaders(bytes: Buffer, from: number, count: number): Record<string, string> {
  let at = from;
  const text = (): string => {
    const length = bytes.readUInt32LE(at);
    at += 4 + length;
    return bytes.toString('utf8', at - length, at);
  };
  // fromEntries and not assignment: a header may be called __proto__.
  return Object.fromEntries(Array.from({ length: count }, () => [text(), text()]));
}

// How the records of a batch are compressed. A reader needs every kind, whatever it writes itself. gzip and zstd are Node's own, zstd from Node 22.15
// on; snappy and lz4 are native packages that come with their binaries (ADR 7 has the figures).
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const CODES: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

type Callback = (error: Error | null, result: Buffer) => void;
/** Not in the types of Node 20. */
const zstd = zlib as unknown as Partial<
  Record<'zstdCompress' | 'zstdDecompress', (bytes: Buffer, callback: Callback) => void>
>;

/** Throws a RangeError, with the reason, when this Node cannot. */
export function checkCompression(compression: Compression): void {
  if (compression === 'zstd' && zstd.zstdCompress === undefined)
    throw new RangeError(`compression by zstd needs Node 22.15 or newer; this is ${process.versions.node}`);
}

/** @returns the compressed bytes, and the code of their kind in a batch's attributes. */
export async function compress(bytes: Buffer, compression: Compression): Promise<{ code: number; bytes: Buffer }> {
  const code = CODES[compression];
  switch (compression) {
    case 'none':
      return { code, bytes };
    case 'gzip':
      return { code, bytes: await promisify(zlib.gzip)(bytes) };
    case 'snappy':
      return { code, bytes: frameSnappy(await snappy.compress(bytes)) };
    case 'lz4':
      return { code, bytes: await lz4.compressFrame(bytes) };
    case 'zstd':
      return { code, bytes: await promisify(zstd.zstdCompress!)(bytes) };
  }
}

/** @param code the low bits of a batch's attributes. Throws when the bytes are not what they should be, or of a kind this Node cannot read. */
export async function decompress(bytes: Buffer, code: number): Promise<Buffer> {
  switch (code) {
    case CODES.none:
      return bytes;
    case CODES.gzip:
      return promisify(zlib.gunzip)(bytes);
    case CODES.snappy:
      return Buffer.concat(
        await Promise.all(snappyBlocks(bytes).map(async (block) => (await snappy.uncompress(block)) as Buffer)),
      );
    case CODES.lz4:
      return lz4.decompressFrame(bytes);
    case CODES.zstd:
      checkCompression('zstd');
      return promisify(zstd.zstdDecompress!)(bytes);
    default:
      throw new RangeError(`compression ${code} is not known here`);
  }
}

// Java's Snappy stream, which Kafka's clients write: a header, then blocks with their lengths. librdkafka writes one bare block.
const XERIAL_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const XERIAL_MAGIC = XERIAL_HEADER.subarray(0, 8);

function frameSnappy(block: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(block.length);
  return Buffer.concat([XERIAL_HEADER, length, block]);
}

function snappyBlocks(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER.length; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || length > bytes.length - at) throw new RangeError('a block of Snappy is cut off');
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

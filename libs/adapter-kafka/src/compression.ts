// How the records of a batch are compressed. A reader needs every kind, whatever it writes itself.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

export type Compression = 'none' | 'gzip';

const CODES: Readonly<Record<Compression, number>> = { none: 0, gzip: 1 };

export async function compress(bytes: Buffer, compression: Compression): Promise<{ code: number; bytes: Buffer }> {
  const code = CODES[compression];
  switch (compression) {
    case 'none':
      return { code, bytes };
    case 'gzip':
      return { code, bytes: await promisify(gzip)(bytes) };
  }
}

/** @param code the low bits of a batch's attributes. Throws when the bytes or the code are none we know. */
export async function decompress(bytes: Buffer, code: number): Promise<Buffer> {
  switch (code) {
    case CODES.none:
      return bytes;
    case CODES.gzip:
      return promisify(gunzip)(bytes);
    default:
      throw new Error(`compression ${code} is not known here`);
  }
}

// Hex as stratum speaks it: either case in, lower case out.

const HEX_VALUE = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) HEX_VALUE[48 + i] = i;
for (let i = 0; i < 6; i++) HEX_VALUE[65 + i] = HEX_VALUE[97 + i] = 10 + i;

/** Parses an even-length hex string of either case; undefined when it is not one. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const hi = text.charCodeAt(2 * i);
    const lo = text.charCodeAt(2 * i + 1);
    const value = hi > 255 || lo > 255 ? -1 : (HEX_VALUE[hi]! << 4) | HEX_VALUE[lo]!;
    if (value < 0) return undefined;
    out[i] = value;
  }
  return out;
}

/** Lower-case hex of the bytes. */
export function hexFromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Eight lower-case hex digits. */
export function hexFromUint32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

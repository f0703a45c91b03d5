// Integers as bitcoin's serialisation writes them: little-endian, and lengths as a "compact size" of 1 to 9 bytes.

/** A compact size. Invariant: the shortest form, as nodes demand it. */
export function compactSize(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`a size must be a whole number, got ${value}`);
  if (value < 0xfd) return Uint8Array.of(value);
  if (value <= 0xffff) return Uint8Array.of(0xfd, value & 0xff, value >>> 8);
  if (value <= 0xffffffff) return Uint8Array.of(0xfe, ...uint32Bytes(value));
  return Uint8Array.of(0xff, ...uint64Bytes(BigInt(value)));
}

export function uint32Bytes(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

export function uint64Bytes(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value, true);
  return out;
}

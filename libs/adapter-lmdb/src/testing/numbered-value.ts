// Values that prove themselves: each is a function of its number, of varying length, so that a lost, torn or swapped one shows.

/** 8 to about 20,000 bytes, beginning with the number. */
export function valueFor(number: number): Uint8Array {
  const length = 8 + ((number * 7919) % 20_000);
  const value = Buffer.alloc(length, number % 251);
  value.writeDoubleLE(number, 0);
  return value;
}

/** The number, or undefined when the value is not intact. */
export function numberOf(value: Uint8Array): number | undefined {
  const number = Buffer.from(value.buffer, value.byteOffset, value.length).readDoubleLE(0);
  return Buffer.compare(valueFor(number), value) === 0 ? number : undefined;
}

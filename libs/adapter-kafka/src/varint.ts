// Zigzag varints and what is built of them, as Kafka writes its records.

/** Bytes that grow. */
export class VarintWriter {
  #buffer = Buffer.allocUnsafe(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number within 2^53. */
  varint(value: number): void {
    let rest = value >= 0 ? value * 2 : value * -2 - 1;
    this.#reserve(8);
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Length and UTF-8 bytes; -1 for undefined. */
  text(value: string | undefined): void {
    if (value === undefined) return this.varint(-1);
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  append(other: VarintWriter): void {
    this.bytes(other.take());
  }

  /** What was written; valid until more is written. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Throws a RangeError when it would read beyond the end. */
export class VarintReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  byte(): number {
    if (this.#at >= this.#buffer.length) throw new RangeError('the bytes end too early');
    return this.#buffer[this.#at++]!;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
      if (factor > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too long');
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view; undefined for null. */
  bytes(): Buffer | undefined {
    const length = this.varint();
    if (length < 0) return undefined;
    if (length > this.#buffer.length - this.#at) throw new RangeError('the bytes end too early');
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }
}

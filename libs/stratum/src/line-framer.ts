// Turns the bytes of one TCP stream into lines. A stream split anywhere gives the same lines.
// A line that lies whole inside a chunk is handed over in place, without a copy; only an unfinished line is kept, and nothing
// is kept while the stream stands between lines, so an idle connection costs no buffer.

/** Takes each line. The bytes are only valid during the call: whoever needs them later copies them. */
export interface LineReceiver {
  /** `bytes[start, end)` is one line without its line feed or a carriage return before it. False stops the framer: the rest of the chunk is dropped. */
  line(bytes: Uint8Array, start: number, end: number): boolean;
}

/** 'more': every line so far was handed over. 'too_long': a line passed the limit. 'stopped': the receiver stopped. After the last two the stream is over. */
export type FramerOutcome = 'more' | 'too_long' | 'stopped';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Smallest buffer for an unfinished line; most messages of miners fit. */
const SMALLEST_TAIL = 256;

export class LineFramer {
  #tail: Uint8Array | undefined = undefined;
  #tailLength = 0;

  /** Bytes kept for an unfinished line. */
  get retainedBytes(): number {
    return this.#tail === undefined ? 0 : this.#tail.length;
  }

  /**
   * Hands the lines that `chunk[0, length)` completes to `receiver`, in order. Empty lines are skipped.
   * @param maxLineBytes the longest line allowed, its line feed not counted.
   */
  push(chunk: Uint8Array, length: number, maxLineBytes: number, receiver: LineReceiver): FramerOutcome {
    let position = 0;
    if (this.#tailLength > 0) {
      const lineFeed = lineFeedIn(chunk, 0, length);
      const partEnd = lineFeed < 0 ? length : lineFeed;
      if (this.#tailLength + partEnd > maxLineBytes) return this.#drop('too_long');
      this.#keep(chunk, 0, partEnd, maxLineBytes);
      if (lineFeed < 0) return 'more';
      const line = this.#tail!;
      const lineLength = this.#tailLength;
      this.#drop('more');
      if (!deliver(line, 0, lineLength, receiver)) return 'stopped';
      position = lineFeed + 1;
    }
    while (position < length) {
      const lineFeed = lineFeedIn(chunk, position, length);
      if (lineFeed < 0) {
        if (length - position > maxLineBytes) return 'too_long';
        this.#keep(chunk, position, length, maxLineBytes);
        return 'more';
      }
      if (lineFeed - position > maxLineBytes) return 'too_long';
      if (!deliver(chunk, position, lineFeed, receiver)) return 'stopped';
      position = lineFeed + 1;
    }
    return 'more';
  }

  #drop<T>(outcome: T): T {
    this.#tail = undefined;
    this.#tailLength = 0;
    return outcome;
  }

  /** Copies part of a line behind what is kept already; the buffer doubles, up to the longest line allowed. */
  #keep(chunk: Uint8Array, start: number, end: number, maxLineBytes: number): void {
    const needed = this.#tailLength + (end - start);
    if (this.#tail === undefined || this.#tail.length < needed) {
      let size = this.#tail === undefined ? SMALLEST_TAIL : this.#tail.length * 2;
      while (size < needed) size *= 2;
      const grown = new Uint8Array(Math.max(needed, Math.min(size, maxLineBytes)));
      if (this.#tail !== undefined) grown.set(this.#tail.subarray(0, this.#tailLength));
      this.#tail = grown;
    }
    this.#tail.set(chunk.subarray(start, end), this.#tailLength);
    this.#tailLength = needed;
  }
}

function deliver(bytes: Uint8Array, start: number, end: number, receiver: LineReceiver): boolean {
  let lineEnd = end;
  if (lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN) lineEnd--;
  return lineEnd === start || receiver.line(bytes, start, lineEnd);
}

/** indexOf searches to the end of the array, which in a reused read buffer is past what was read; what it finds there is none. */
function lineFeedIn(bytes: Uint8Array, from: number, length: number): number {
  const at = bytes.indexOf(LINE_FEED, from);
  return at < length ? at : -1;
}

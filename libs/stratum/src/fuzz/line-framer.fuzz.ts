// Any bytes, split anywhere: the framer gives the lines a plain split gives, keeps no more than it may, and never throws.
import { assert } from '@assay/kernel';
import { LineFramer } from '../line-framer.ts';

const MAX_LINE_BYTES = 512;

/** Byte 0 chooses how the rest is split. */
export function fuzzOne(data: Uint8Array): void {
  const stream = Buffer.from(data.subarray(1));
  const step = 1 + (data[0] ?? 0);
  const framer = new LineFramer();
  const lines: string[] = [];
  const receiver = {
    line: (bytes: Uint8Array, start: number, end: number) => lines.push(textOf(bytes.subarray(start, end))) > 0,
  };
  let tooLong = false;
  for (let at = 0; at < stream.length && !tooLong; at += step) {
    const chunk = stream.subarray(at, at + step);
    tooLong = framer.push(chunk, chunk.length, MAX_LINE_BYTES, receiver) === 'too_long';
    assert(framer.retainedBytes <= MAX_LINE_BYTES, `framer keeps ${framer.retainedBytes} bytes`);
  }
  const parts = textOf(stream).split('\n');
  const firstTooLong = parts.findIndex((part) => part.length > MAX_LINE_BYTES);
  assert(tooLong === firstTooLong >= 0, 'framer and split disagree about a line too long');
  const whole = parts
    .slice(0, firstTooLong < 0 ? -1 : firstTooLong)
    .map((part) => (part.endsWith('\r') ? part.slice(0, -1) : part));
  assert(
    lines.join('\n') === whole.filter((part) => part !== '').join('\n'),
    'framer and split disagree about the lines',
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

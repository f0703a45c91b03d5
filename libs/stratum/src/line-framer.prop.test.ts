import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineFramer } from './line-framer.ts';

const MAX = 48;

/** What should come out, from the whole stream at once. */
function expected(stream: Buffer): { lines: string[]; tooLong: boolean } {
  const parts = stream.toString('latin1').split('\n');
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.length > MAX) return { lines, tooLong: true };
    if (index === parts.length - 1) break;
    const line = part.endsWith('\r') ? part.slice(0, -1) : part;
    if (line !== '') lines.push(line);
  }
  return { lines, tooLong: false };
}

it('gives the same lines however the stream is split', () => {
  const byte = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(10, 13) },
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 400 }),
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }),
      (bytes, sizes) => {
        const stream = Buffer.from(bytes);
        const framer = new LineFramer();
        const lines: string[] = [];
        let tooLong = false;
        for (let at = 0, turn = 0; at < stream.length && !tooLong; turn++) {
          // A fresh copy each, overwritten afterwards: nothing handed over may refer to a chunk later on.
          const chunk = Buffer.from(stream.subarray(at, at + sizes[turn % sizes.length]!));
          at += chunk.length;
          tooLong =
            framer.push(chunk, chunk.length, MAX, {
              line: (from, start, end) => lines.push(Buffer.from(from.subarray(start, end)).toString('latin1')) > 0,
            }) === 'too_long';
          chunk.fill(0x21);
        }
        expect({ lines, tooLong }).toEqual(expected(stream));
      },
    ),
    { numRuns: 2000 },
  );
});

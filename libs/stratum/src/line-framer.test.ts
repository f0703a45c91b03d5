import { describe, expect, it } from 'vitest';
import { LineFramer, type FramerOutcome } from './line-framer.ts';

const MAX = 64;

function collect(
  chunks: readonly (string | Uint8Array)[],
  stopAfter = Infinity,
): { lines: string[]; outcomes: FramerOutcome[]; retained: number } {
  const framer = new LineFramer();
  const lines: string[] = [];
  const outcomes = chunks.map((text) => {
    const chunk = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    return framer.push(chunk, chunk.length, MAX, {
      line: (bytes, start, end) => {
        lines.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
        return lines.length < stopAfter;
      },
    });
  });
  return { lines, outcomes, retained: framer.retainedBytes };
}

describe('LineFramer', () => {
  it('hands over whole lines in place, without a copy', () => {
    const chunk = Buffer.from('one\r\ntwo\n\n\r\nthree\n');
    const places: [Uint8Array, number, number][] = [];
    const framer = new LineFramer();
    framer.push(chunk, chunk.length, MAX, { line: (bytes, start, end) => places.push([bytes, start, end]) > 0 });
    expect(places.every(([bytes]) => bytes === chunk)).toBe(true);
    expect(places.map(([, start, end]) => chunk.subarray(start, end).toString())).toEqual(['one', 'two', 'three']);
    expect(framer.retainedBytes).toBe(0);
  });

  it('joins a line over many chunks and then keeps nothing', () => {
    const { lines, retained } = collect(['{"a', '":', '1}\n', 'x\ny', '\n']);
    expect(lines).toEqual(['{"a":1}', 'x', 'y']);
    expect(retained).toBe(0);
  });

  it('takes a line of exactly the limit and refuses one byte more, wherever it is split', () => {
    const fits = 'f'.repeat(MAX);
    expect(collect([`${fits}\n`]).lines).toEqual([fits]);
    expect(collect([fits.slice(0, 5), `${fits.slice(5)}\n`]).lines).toEqual([fits]);
    for (const chunks of [
      [`${fits}f\n`],
      [fits, 'f\n'],
      [fits, 'f'],
      [`${fits}f`],
      [fits.slice(0, 5), `${fits.slice(4)}\n`],
    ]) {
      const { lines, outcomes, retained } = collect(chunks);
      expect(lines).toEqual([]);
      expect(outcomes.at(-1)).toBe('too_long');
      expect(retained).toBe(0);
    }
  });

  it('keeps no more than the limit while a line is open', () => {
    expect(collect(['f'.repeat(MAX - 1)]).retained).toBeLessThanOrEqual(MAX);
  });

  it('stops when its receiver does', () => {
    expect(collect(['a\nb\nc\n'], 2)).toMatchObject({ lines: ['a', 'b'], outcomes: ['stopped'] });
    expect(collect(['a', '\nb\n'], 1)).toMatchObject({ lines: ['a'], outcomes: ['more', 'stopped'] });
  });

  it('sees only what was read into a buffer that is used again', () => {
    const framer = new LineFramer();
    const shared = Buffer.alloc(32);
    const lines: string[] = [];
    const read = (text: string): void => {
      shared.write(text, 0, 'latin1');
      framer.push(shared, text.length, MAX, {
        line: (bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end)).toString()) > 0,
      });
    };
    read('long first\nold\nrest\n');
    read('sec');
    read('ond\n');
    expect(lines).toEqual(['long first', 'old', 'rest', 'second']);
  });
});

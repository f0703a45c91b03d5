import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutLines, cutText } from './cut-text.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 80 });

it('keeps within its bound, breaks no character, and leaves short text alone', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 90 }), (whole, most) => {
      const cut = cutText(whole, most);
      expect(cut.length).toBeLessThanOrEqual(Math.max(most, 1));
      expect(cut).not.toMatch(/\p{Surrogate}/u);
      if (whole.length <= most) expect(cut).toBe(whole);
    }),
  );
});

it('says how many lines it left out, and none when all fit', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 40, max: 600 }), (lines, most) => {
      const cut = cutLines(lines, most, 60);
      expect(cut.length).toBeLessThanOrEqual(most);
      const leftOut = /\((\d+) more lines? left out\)$/.exec(cut);
      const whole = lines.map((line) => cutText(line, 60)).join('\n');
      if (whole.length <= most) expect(cut).toBe(whole);
      else expect(Number(leftOut?.[1])).toBeGreaterThan(0);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, csvTime } from './csv.ts';

/** Reads one record in the plain way of the RFC's grammar. */
function parse(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let text = '';
    if (line[at] === '"') {
      for (at++; line[at] !== '"' || line[at + 1] === '"'; at++) {
        if (line[at] === '"') at++;
        text += line[at]!;
      }
      at++;
    } else for (; line[at] !== ',' && line.slice(at) !== '\r\n'; at++) text += line[at]!;
    fields.push(text);
    if (line.slice(at) === '\r\n') return fields;
    expect(line[at]).toBe(',');
    at++;
  }
}

describe('a CSV record', () => {
  it('is read as it was written, whatever stands in it', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a,b', '"', '\r\n', 'ü, "x"', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), (values) => {
        const read = parse(csvLine(values));
        expect(read).toHaveLength(values.length);
        read.forEach((field, i) => expect([values[i], `'${values[i]}`]).toContain(field));
      }),
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', "=cmd|' /C calc'!A0", '\n=1'])(
    'never begins a field of text as a formula: %j',
    (formula) => {
      expect(parse(csvLine([formula]))[0]).toBe(`'${formula}`);
    },
  );

  it('has numbers unrounded and as numbers, also those below zero', () => {
    expect(csvLine([-1.5, 0.1 + 0.2, 12345678901234567890n, 1e21, true, null, undefined])).toBe(
      '-1.5,0.30000000000000004,12345678901234567890,1e+21,true,,\r\n',
    );
    expect(csvTime(1_795_630_500_000_000)).toBe('2026-11-25T18:15:00.000Z');
  });
});

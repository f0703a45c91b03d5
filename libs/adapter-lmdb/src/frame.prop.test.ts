import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogError, type LogRecord } from '@assay/event-log';
import { encodeFrame, frameCount, frameRecords, frameTimestampUs, openFrame, stampFrame } from './frame.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const record: fc.Arbitrary<LogRecord> = fc.record(
  {
    key: text,
    value: fc.uint8Array({ maxLength: 100 }),
    headers: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['value'] },
);
const frameOf = (records: readonly LogRecord[], offset: number, timestampUs: number): Buffer => {
  const frame = encodeFrame(records, timestampUs);
  stampFrame(frame, offset);
  return frame;
};
const anOffset = fc.nat({ max: 2 ** 40 });

it('gives back what it was given, every value 8-aligned', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 10 }),
      anOffset,
      fc.nat({ max: 2 ** 51 }),
      (records, offset, timestampUs) => {
        const frame = frameOf(records, offset, timestampUs);
        expect([frameCount(frame), frameTimestampUs(frame)]).toEqual([records.length, timestampUs]);
        const opened = [...frameRecords(frame, openFrame(frame, offset, 'test'))];
        expect(opened.map(({ value, ...rest }) => ({ ...rest, value: Uint8Array.from(value) }))).toEqual(
          records.map((each, i) => ({ ...each, offset: offset + i, timestampUs })),
        );
        for (const { value } of opened) expect((value.byteOffset - frame.byteOffset) % 8).toBe(0);
      },
    ),
  );
});

it('keeps headers whatever they are called', () => {
  const headers = JSON.parse('{"__proto__":"a","constructor":"b","0":"c"}') as Record<string, string>;
  const frame = frameOf([{ value: Uint8Array.of(1), headers }], 0, 1);
  const [only] = frameRecords(frame, openFrame(frame, 0, 'test'));
  expect(Object.entries(only!.headers!).sort()).toEqual(Object.entries(headers).sort());
});

it('may be stamped again with another offset', () => {
  const frame = frameOf([{ value: Uint8Array.of(1) }], 5, 1);
  stampFrame(frame, 6);
  expect(openFrame(frame, 6, 'test').baseOffset).toBe(6);
  expect(() => openFrame(frame, 5, 'test')).toThrow(LogError);
});

it('is refused when any bit is flipped or any byte is missing', () => {
  const whole = frameOf(
    [{ key: 'k', value: Uint8Array.from({ length: 40 }, (_, i) => i), headers: { a: 'b' } }],
    7,
    1_700_000_000_000_000,
  );
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const torn = Buffer.from(whole);
    torn[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => openFrame(torn, 7, 'shares.submitted/3'), `bit ${bit}`).toThrow(
      'shares.submitted/3: the bytes at offset 7 do not match',
    );
  }
  for (let length = 0; length < whole.length; length++)
    expect(() => openFrame(whole.subarray(0, length), 7, 'x')).toThrow(LogError);
});

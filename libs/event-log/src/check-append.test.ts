import { describe, expect, it } from 'vitest';
import { checkAppend, recordBytes } from './check-append.ts';
import { LogError } from './event-log.ts';

describe('checkAppend', () => {
  const limits = { maxRecordBytes: 10, maxAppendBytes: 15 };
  const value = new Uint8Array(8);

  it('counts value, key and headers as UTF-8', () => {
    expect(recordBytes({ value, key: 'ü', headers: { a: 'bc' } })).toBe(8 + 2 + 3);
    expect(checkAppend('t', [{ value }, { value: new Uint8Array(7) }], limits)).toBe(15);
  });

  it('names the topic and the limit that was passed', () => {
    expect(() => checkAppend('t', [{ value, key: 'abc' }], limits)).toThrow(
      new LogError('too_large', 'a record of 11 bytes for t exceeds the limit of 10', { retriable: false }),
    );
    expect(() => checkAppend('t', [{ value }, { value }], limits)).toThrow(
      'an append of 16 bytes to t exceeds the limit of 15',
    );
  });
});

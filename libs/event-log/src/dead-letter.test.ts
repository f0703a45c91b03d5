import { expect, test } from 'vitest';
import { recordBytes } from './check-append.ts';
import { deadLetter, openLetter, parseOrigin } from './dead-letter.ts';

const record = { key: 'gw-1', offset: 7, timestampUs: 1, value: Uint8Array.of(1, 2, 3), headers: { source: '0:3' } };

test('a letter holds the record as it was, where it stood and what was wrong', () => {
  expect(deadLetter('shares.submitted', 2, record, 'malformed', 'it is no block')).toEqual({
    key: 'gw-1',
    value: record.value,
    headers: { source: '0:3', origin: 'shares.submitted:2:7', reason: 'malformed', message: 'it is no block' },
  });
});

test('of a record as large as a log takes, a letter keeps what leaves room for its own headers', () => {
  const value = new Uint8Array(4 * 2 ** 20).fill(9);
  const letter = deadLetter(
    't',
    0,
    { ...record, key: 'k'.repeat(2 ** 16), value, headers: { big: 'x' } },
    'r',
    'm'.repeat(5000),
  );
  expect(recordBytes(letter)).toBeLessThan(2 * 2 ** 20);
  expect(letter.headers).toMatchObject({ origin: 't:0:7', bytes: String(value.length) });
  expect(letter.headers).not.toHaveProperty('big');
});

test('a letter opens to the record as it was; what is no letter does not', () => {
  const letter = deadLetter('shares.verified', 2, record, 'malformed', 'it is no block');
  expect(openLetter({ ...letter, offset: 0, timestampUs: 0 })).toEqual({
    origin: { topic: 'shares.verified', partition: 2, offset: 7 },
    reason: 'malformed',
    message: 'it is no block',
    bytes: 3,
    record: { key: 'gw-1', value: record.value, headers: { source: '0:3' } },
  });
  const large = deadLetter('t', 0, { ...record, value: new Uint8Array(3 * 2 ** 20) }, 'r', 'm');
  expect(openLetter({ ...large, offset: 0, timestampUs: 0 })).toMatchObject({ bytes: 3 * 2 ** 20 });
  for (const headers of [undefined, {}, { origin: 't:0:1' }, { origin: 't:0', reason: 'r' }, { reason: 'r' }])
    expect(openLetter({ offset: 0, timestampUs: 0, value: record.value, ...(headers && { headers }) })).toBe(undefined);
  for (const origin of ['', 'a:b:c', 't:0:-1', 't:0:1:2', `t:0:${2 ** 60}`, ':0:1'])
    expect(parseOrigin(origin)).toBe(undefined);
});

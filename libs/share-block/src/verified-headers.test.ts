import { expect, test } from 'vitest';
import { parseSourceHeader, sourceHeader } from './verified-headers.ts';

test('a source comes back as it was', () => {
  expect(sourceHeader(3, 12345678901)).toEqual({ source: '3:12345678901' });
  expect(parseSourceHeader(sourceHeader(3, 12345678901))).toEqual({ partition: 3, offset: 12345678901 });
});

test.each([
  undefined,
  {},
  { source: '' },
  { source: '1' },
  { source: '-1:2' },
  { source: '1:2 ' },
  { source: '1:9999999999999999' },
  { other: '1:2' },
])('%o names no source', (headers) => expect(parseSourceHeader(headers)).toBeUndefined());

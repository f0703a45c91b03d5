import { expect, it } from 'vitest';
import { PersistedDocuments } from './persisted-documents.ts';

it('finds what was used last, and no more than its bound holds', async () => {
  const documents = new PersistedDocuments(2 * 3 * 11);
  for (const key of ['a', 'b', 'c']) await documents.set(key, '0123456789');
  expect(await documents.get('a')).toBe('0123456789');
  await documents.set('d', '0123456789');
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => documents.get(key)))).toEqual([
    '0123456789',
    undefined,
    '0123456789',
    '0123456789',
  ]);
  // Put anew, it is counted once.
  await documents.set('d', '9876543210');
  expect(await documents.get('a')).toBe('0123456789');
  await documents.set('huge', 'x'.repeat(1000));
  expect(await documents.get('huge')).toBeUndefined();
});

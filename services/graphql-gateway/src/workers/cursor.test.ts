import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('cursors', () => {
  it('come back as they were, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0))),
        fc.string({ maxLength: 127 }),
        fc.option(fc.string({ maxLength: 30 }), { nil: undefined }),
        (value, key, page) => {
          const cursor = { order: 'HASH_RATE:DESC', value, key, page };
          expect(decodeCursor(encodeCursor(cursor), cursor.order)).toEqual(cursor);
        },
      ),
    );
  });

  it('are refused with a code when they are anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (text) => {
          let thrown: unknown;
          try {
            decodeCursor(text, 'NAME:ASC');
          } catch (error) {
            thrown = error;
          }
          expect(thrown).toBeInstanceOf(ClientError);
          expect((thrown as ClientError).extensions['code']).toBe('INVALID_CURSOR');
        },
      ),
    );
  });
});

// Cursors are opaque to clients: where a page ended, as the sort value and the name of its last entry, base64url. The name makes
// the order total, so that equal values neither repeat nor vanish between pages.
import { z } from 'zod';
import { ClientError } from '../errors.ts';

export interface Cursor {
  /** What the list is sorted by, e.g. `HASH_RATE:DESC`; a cursor of another order is refused. */
  readonly order: string;
  /** Sort value of the last entry; null where it had none. */
  readonly value: number | null;
  /** Name or id of the last entry. */
  readonly key: string;
  /** Names the picture of the fleet the page was cut from, whose order may still be remembered. */
  readonly page?: string | undefined;
}

const cursorShape = z.tuple([z.string(), z.number().nullable(), z.string(), z.string().optional()]);

/** Longer ones are not ours: a username has at most 127 characters. */
const MAX_CURSOR_LENGTH = 600;

export function encodeCursor({ order, value, key, page }: Cursor): string {
  return Buffer.from(JSON.stringify(page === undefined ? [order, value, key] : [order, value, key, page])).toString(
    'base64url',
  );
}

/** Throws ClientError INVALID_CURSOR when it is not a cursor of ours or belongs to another order. */
export function decodeCursor(text: string, order: string): Cursor {
  const cursor = text.length <= MAX_CURSOR_LENGTH ? parseCursor(text) : undefined;
  if (!cursor)
    throw new ClientError(
      'INVALID_CURSOR',
      '`after` is not a cursor of this API. Use `endCursor` or an edge `cursor` as it was returned, or leave it out to start over.',
    );
  if (cursor.order !== order) {
    throw new ClientError(
      'INVALID_CURSOR',
      `\`after\` comes from a list ordered by ${cursor.order}, this one is ordered by ${order}. Leave it out to start over.`,
    );
  }
  return cursor;
}

function parseCursor(text: string): Cursor | undefined {
  try {
    const parsed = cursorShape.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    if (!parsed.success) return undefined;
    const [order, value, key, page] = parsed.data;
    return { order, value, key, page };
  } catch {
    return undefined;
  }
}

// What of an object's content is not as it was, field by field, for people to read: secrets are told of, not told.
import { shownBody } from '@assay/tenancy';

export interface FieldChange {
  readonly field: string;
  /** JSON; null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** A group names up to a thousand places; nobody reads that in a list. */
const MAX_VALUE_LENGTH = 2000;

export function fieldChanges(before: object | undefined, after: object | undefined): FieldChange[] {
  const was = (before ?? {}) as Record<string, unknown>;
  const is = (after ?? {}) as Record<string, unknown>;
  const shownWas = shownBody(was) as Record<string, unknown>;
  const shownIs = shownBody(is) as Record<string, unknown>;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .sort()
    .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => ({ field, before: textOf(shownWas[field]), after: textOf(shownIs[field]) }));
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}

// An object of the control state as it stands in a snapshot.
import { z } from 'zod';
import { actor } from './change-record.ts';
import type { ControlObject } from './control-object.ts';
import { isControlKind, KINDS } from './kinds.ts';

const envelope = z.strictObject({
  kind: z.string(),
  id: z.string().min(1).max(160),
  version: z.number().int().min(1),
  body: z.unknown(),
  createdAtUs: z.number().int().min(0),
  changedAtUs: z.number().int().min(0),
  changedBy: actor,
});

/** Undefined when it is none, or its body is not one of its kind. */
export function storedObject(candidate: unknown): ControlObject | undefined {
  const parsed = envelope.safeParse(candidate);
  if (!parsed.success || !isControlKind(parsed.data.kind)) return undefined;
  const { kind } = parsed.data;
  const body = KINDS[kind].schema.safeParse(parsed.data.body);
  return body.success ? { ...parsed.data, kind, body: body.data } : undefined;
}

// A change of the configuration as one record of the `control` topic: some objects put or removed, all of them or none.
import { z } from 'zod';

/** Changes in one record. Larger imports are several records. */
export const MAX_CHANGES = 1000;
/** Of one record, as JSON. */
export const MAX_RECORD_BYTES = 900_000;

const objectId = z.string().min(1).max(160);

const change = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('put'),
    kind: z.string().max(40),
    id: objectId,
    /** The version it has; 0 when there must be none. Whatever it has when left out. */
    expect: z.number().int().min(0).optional(),
    body: z.unknown(),
  }),
  z.strictObject({
    op: z.literal('remove'),
    kind: z.string().max(40),
    id: objectId,
    expect: z.number().int().min(1).optional(),
  }),
]);
export type ObjectChange = z.infer<typeof change>;

export const actor = z.strictObject({ kind: z.enum(['user', 'key', 'system']), id: z.string().min(1).max(160) });

export const changeRecord = z.strictObject({
  type: z.literal('change'),
  /** Names the request, so that who made it knows its answer. */
  request: z.string().min(1).max(64),
  by: actor,
  /** Why, in the words of who did it. */
  note: z.string().max(500).optional(),
  changes: z.array(change).min(1).max(MAX_CHANGES),
});
export type ChangeRecord = z.infer<typeof changeRecord>;

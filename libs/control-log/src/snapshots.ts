// Snapshots of the control log's fold, on a topic of their own: parts, and then an end that says where the first part stands and from which
// record of the control log on the fold has to be continued. A snapshot without its end is none; writers at once do not disturb each other.
import { randomUUID } from 'node:crypto';
import { isCorrupt, LogError, TOPIC, type EventLog, type ReadLimits, type StoredRecord } from '@assay/event-log';
import { MAX_RECORD_BYTES, type ControlObject, type ControlState } from '@assay/tenancy';
import { z } from 'zod';

const PARTITION = 0;
/** Records looked at from the newest backwards for the end of a snapshot: parts of one that was not finished, or of several writers. */
const LOOKED_AT = 4096;
const READ = { maxRecords: 16, maxBytes: 16 * 1_048_576, waitMs: 0 } as const;

const part = z.strictObject({ type: z.literal('part'), snapshot: z.string(), objects: z.array(z.unknown()) });
const end = z.strictObject({
  type: z.literal('end'),
  snapshot: z.string(),
  /** The first record of the control log that is not in it. */
  next: z.number().int().min(0),
  /** Offset of its first part, here. */
  from: z.number().int().min(0),
  parts: z.number().int().min(1),
});
const record = z.discriminatedUnion('type', [part, end]);

export interface SnapshotPlace {
  readonly snapshot: string;
  readonly next: number;
  readonly from: number;
  readonly parts: number;
  /** Offset of its end. */
  readonly offset: number;
}

/** Writes the fold as it is at the moment of the call. @param next the first record of the control log that is not in it. Throws LogError. */
export async function writeSnapshot(log: EventLog, state: ControlState, next: number): Promise<void> {
  // Objects are never changed, only replaced: the list is the state of this moment however long it takes to write.
  const objects = [...state.objects()];
  const snapshot = randomUUID();
  let from: number | undefined;
  let parts = 0;
  for (const value of partsOf(snapshot, objects)) {
    const { baseOffset } = await log.append(TOPIC.controlSnapshots, [{ value }], PARTITION);
    from ??= baseOffset;
    parts++;
  }
  if (from === undefined) return;
  const value = Buffer.from(JSON.stringify({ type: 'end', snapshot, next, from, parts }));
  await log.append(TOPIC.controlSnapshots, [{ value }], PARTITION);
}

function* partsOf(snapshot: string, objects: readonly ControlObject[]): Iterable<Uint8Array> {
  let texts: string[] = [];
  let bytes = 0;
  const taken = (): Uint8Array =>
    Buffer.from(`{"type":"part","snapshot":${JSON.stringify(snapshot)},"objects":[${texts.join(',')}]}`);
  for (const object of objects) {
    const text = JSON.stringify(object);
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > MAX_RECORD_BYTES && texts.length > 0) {
      yield taken();
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += size;
  }
  if (texts.length > 0) yield taken();
}

/** The newest whole snapshot's end; undefined when there is none, or no topic for them yet. Throws LogError. */
export async function newestSnapshot(log: EventLog): Promise<SnapshotPlace | undefined> {
  const bounds = await log.bounds(TOPIC.controlSnapshots, PARTITION).catch(noTopic);
  if (bounds === undefined) return undefined;
  const { start, end: after } = bounds;
  for (let offset = after - 1; offset >= Math.max(start, after - LOOKED_AT); offset--) {
    const found = await recordAt(log, offset);
    if (found?.type === 'end' && found.from >= start) {
      const { snapshot, next, from, parts } = found;
      return { snapshot, next, from, parts, offset };
    }
  }
  return undefined;
}

/** The objects of a snapshot as they were written; undefined when some of its parts cannot be read any more. Throws LogError. */
export async function readSnapshot(log: EventLog, place: SnapshotPlace): Promise<readonly unknown[] | undefined> {
  const objects: unknown[] = [];
  let parts = 0;
  for (let offset = place.from; offset < place.offset;) {
    const records = await readable(log, offset);
    if (records.length === 0) return undefined;
    for (const { value } of records) {
      const parsed = parse(value);
      if (parsed?.type !== 'part' || parsed.snapshot !== place.snapshot) continue;
      for (const object of parsed.objects) objects.push(object);
      parts++;
    }
    offset = records.at(-1)!.offset + 1;
  }
  return parts === place.parts ? objects : undefined;
}

async function recordAt(log: EventLog, offset: number): Promise<z.infer<typeof record> | undefined> {
  const [stored] = await readable(log, offset, { ...READ, maxRecords: 1 });
  return stored?.offset === offset ? parse(stored.value) : undefined;
}

/** Nothing where it is spoilt: what a snapshot lacks it is not whole without. */
async function readable(log: EventLog, offset: number, limits: ReadLimits = READ): Promise<readonly StoredRecord[]> {
  try {
    return await log.readFrom(TOPIC.controlSnapshots, PARTITION, offset, limits);
  } catch (error) {
    if (isCorrupt(error)) return [];
    throw error;
  }
}

function noTopic(error: unknown): undefined {
  if (error instanceof LogError && error.code === 'unknown_topic') return undefined;
  throw error;
}

function parse(value: Uint8Array): z.infer<typeof record> | undefined {
  try {
    const parsed = record.safeParse(JSON.parse(Buffer.from(value).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

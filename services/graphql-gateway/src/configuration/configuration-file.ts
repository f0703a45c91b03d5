// The configuration of a pool as a file: everything that was entered, as JSON that people can read, keep under version control and write
// themselves. Sessions are not in it. A secret that is to be sealed is written as { "seal": "the secret" }.
import {
  channelSecret,
  isControlKind,
  webhookSecret,
  type ControlKind,
  type ControlState,
  type ObjectChange,
} from '@assay/tenancy';
import { z } from 'zod';

const FORMAT = 'assay configuration 1';

/** Whatever is named comes before who names it. */
const ORDER: readonly ControlKind[] = [
  'tenant',
  'site',
  'group',
  'user',
  'worker',
  'ownership',
  'api_key',
  'alert_channel',
  'webhook',
  'alert_rule',
  'maintenance_window',
];

const file = z.strictObject({
  format: z.literal(FORMAT),
  objects: z.array(
    z.strictObject({
      kind: z.string().refine((kind) => isControlKind(kind) && ORDER.includes(kind), 'is no kind of object'),
      id: z.string().min(1).max(160),
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});

export interface FiledObject {
  readonly kind: ControlKind;
  readonly id: string;
  readonly body: unknown;
}

/** Seals secrets for a purpose, and opens them: the platform's Sealer. */
export interface Seals {
  seal(text: string, purpose: string): string;
  /** Undefined for what was sealed for something else, or by a key that is not there. */
  open(sealed: string, purpose: string): string | undefined;
  /** Whether it was sealed by a key that has been replaced. */
  isOld(sealed: string): boolean;
}

export class ConfigurationFileError extends Error {
  override readonly name = 'ConfigurationFileError';
}

export function exportConfiguration(state: ControlState): string {
  const objects = ORDER.flatMap((kind) => [...state.all(kind)].map(({ id, body }) => ({ kind, id, body })));
  const lines = objects.map((object) => `    ${JSON.stringify(object)}`);
  return `{\n  "format": ${JSON.stringify(FORMAT)},\n  "objects": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** In the order in which they can be entered. Throws ConfigurationFileError. */
export function readConfiguration(text: string): FiledObject[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationFileError(`it is no JSON: ${(error as Error).message}`);
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigurationFileError(problems.join('; '));
  }
  const objects = parsed.data.objects as FiledObject[];
  return ORDER.flatMap((kind) => objects.filter((object) => object.kind === kind));
}

/** What has to be put so that these objects are as they are written; those that are already are left alone. */
export function changesOf(objects: readonly FiledObject[], state: ControlState, seals: Seals): ObjectChange[] {
  return objects.flatMap(({ kind, id, body: written }) => {
    const before = state.get(kind, id);
    const body = sealed(written, before?.body, (text, sealedBefore) => {
      const purpose = purposeOf(kind, id);
      // Sealed anew it would be another text each time, and the object would count as changed.
      const isSame =
        typeof sealedBefore === 'string' && !seals.isOld(sealedBefore) && seals.open(sealedBefore, purpose) === text;
      return isSame ? sealedBefore : seals.seal(text, purpose);
    });
    if (before !== undefined && canonical(before.body) === canonical(body)) return [];
    return [{ op: 'put', kind, id, expect: before?.version ?? 0, body }];
  });
}

function purposeOf(kind: ControlKind, id: string): string {
  if (kind === 'alert_channel') return channelSecret(id);
  if (kind === 'webhook') return webhookSecret(id);
  throw new ConfigurationFileError(`${kind} ${id} has nothing that is sealed.`);
}

/** @param before what stands in the same place now */
function sealed(value: unknown, before: unknown, seal: (text: string, before: unknown) => string): unknown {
  const at = (key: string | number): unknown => (before as Record<string | number, unknown> | null | undefined)?.[key];
  if (Array.isArray(value)) return value.map((item, i) => sealed(item, at(i), seal));
  if (typeof value !== 'object' || value === null) return value;
  const { seal: text, ...rest } = value as { readonly seal?: unknown };
  if (typeof text === 'string' && Object.keys(rest).length === 0) return seal(text, before);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sealed(item, at(key), seal)]));
}

/** The same for the same content, in whatever order its fields stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

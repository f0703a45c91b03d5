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

/** Seals a secret for a purpose: the platform's Sealer. */
export type Seal = (text: string, purpose: string) => string;

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
export function changesOf(objects: readonly FiledObject[], state: ControlState, seal: Seal): ObjectChange[] {
  return objects.flatMap(({ kind, id, body: written }) => {
    const body = sealed(written, (text) => seal(text, purposeOf(kind, id)));
    const before = state.get(kind, id);
    if (before !== undefined && canonical(before.body) === canonical(body)) return [];
    return [{ op: 'put', kind, id, expect: before?.version ?? 0, body }];
  });
}

function purposeOf(kind: ControlKind, id: string): string {
  if (kind === 'alert_channel') return channelSecret(id);
  if (kind === 'webhook') return webhookSecret(id);
  throw new ConfigurationFileError(`${kind} ${id} has nothing that is sealed.`);
}

function sealed(value: unknown, seal: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => sealed(item, seal));
  if (typeof value !== 'object' || value === null) return value;
  const { seal: text, ...rest } = value as { readonly seal?: unknown };
  if (typeof text === 'string' && Object.keys(rest).length === 0) return seal(text);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sealed(item, seal)]));
}

/** The same for the same content, in whatever order its fields stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

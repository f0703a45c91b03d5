// What changed in an entry, in words and units. Values come as JSON, of long ones only the beginning.
import { formatUtc } from './time.ts';
import { formatExactHashRate } from './hash-rate-text.ts';
import { formatPower } from './power.ts';

export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface ShownChange {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const LABELS: Readonly<Record<string, string>> = {
  expectedHashRateHs: 'expected rate',
  promisedHashRateHs: 'promised rate',
  ratedPowerWatts: 'rated power',
  powerWatts: 'power',
  fromUs: 'from',
  untilUs: 'until',
  secretHash: 'secret',
  passwordHash: 'password',
  tokenHash: 'token',
  autoRegister: 'takes new workers in',
};

export function shownChange({ field, before, after }: FieldChange): ShownChange {
  const label = labelOf(field);
  const [was, is] = [parsed(before), parsed(after)];
  if (isNames(was) && isNames(is)) {
    const taken = was.filter((name) => !is.includes(name));
    const added = is.filter((name) => !was.includes(name));
    if (was.length > 0 && taken.length + added.length > 0)
      return {
        label,
        before: taken.length === 0 ? '' : `− ${taken.join(', ')}`,
        after: added.length === 0 ? '' : `+ ${added.join(', ')}`,
      };
  }
  return { label, before: valueText(field, was), after: valueText(field, is) };
}

/** `maxWorkers` is `max workers`; a unit at the end is said with the value. */
function labelOf(field: string): string {
  const words = field.replace(/(Us|Hs|Watts)$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return LABELS[field] ?? words;
}

/** Text that was cut is no JSON any more, and stands for itself. */
function parsed(json: string | null): unknown {
  if (json === null) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function valueText(field: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numberText(field, value);
  if (typeof value === 'string') return value;
  if (isNames(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (field === 'grants' && Array.isArray(value)) return grantsText(value as readonly Record<string, unknown>[]);
  if (Array.isArray(value)) return value.map((item) => valueText('', item)).join('; ');
  return objectText(value as Readonly<Record<string, unknown>>);
}

/** `{"tokenHash":"(secret)","expiresAtUs":…}` is `token (secret), expires at 2026-01-01 00:00:00 UTC`. */
function objectText(value: Readonly<Record<string, unknown>>): string {
  return Object.entries(value)
    .map(([field, item]) => `${labelOf(field)} ${valueText(field, item)}`)
    .join(', ');
}

function numberText(field: string, value: number): string {
  if (field.endsWith('Hs')) return formatExactHashRate(value);
  if (field.endsWith('Watts')) return formatPower(value);
  if (field.endsWith('Us')) return formatUtc(new Date(value / 1000));
  if (field === 'fraction') return `${Number((value * 100).toFixed(6))} %`;
  return String(value);
}

function grantsText(grants: readonly Record<string, unknown>[]): string {
  if (grants.length === 0) return 'none';
  return grants
    .map(({ role, tenant, site }) => {
      const where = tenant === '*' ? 'everywhere' : String(site ?? tenant);
      return `${String(role).replaceAll('_', ' ')}, ${where}`;
    })
    .join('; ');
}

// Forms for what is configured, described field by field: how each is typed and what it means to the API. Pure, so that what is sent can be
// tested without a browser. A change sends only the fields that were changed, so that two people who change different fields of one entry do not
// undo each other; an emptied field is taken away.
import { formatExactHashRate, parseHashRate } from '../format/hash-rate-text.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface FieldSpec {
  /** The field of the entry and of the input. */
  readonly name: string;
  readonly label: string;
  readonly kind:
    'text' | 'note' | 'count' | 'number' | 'rate' | 'percent' | 'moment' | 'choice' | 'flag' | 'list' | 'places';
  readonly hint?: string;
  readonly placeholder?: string;
  readonly isNeeded?: boolean;
  /** Of a choice. */
  readonly choices?: readonly Choice[];
  /** Only asked where another field has this value. */
  readonly when?: { readonly name: string; readonly is: string };
  /** Of a percentage; 100 unless given. */
  readonly most?: number;
  /** What a new entry begins with, as it is typed. */
  readonly initial?: string;
}

/** What stands in the fields, by name. A flag is `yes` or empty. */
export type Draft = Readonly<Record<string, string>>;

export type Entry = Readonly<Record<string, unknown>>;

export type Given =
  | { readonly input: Readonly<Record<string, unknown>>; readonly problems?: undefined }
  | { readonly input?: undefined; readonly problems: Draft };

export function draftOf(specs: readonly FieldSpec[], entry: Entry | undefined): Draft {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, entry === undefined ? (spec.initial ?? '') : typed(spec, entry[spec.name])]),
  );
}

/** The fields that are asked as things stand. */
export function askedSpecs(specs: readonly FieldSpec[], draft: Draft, entry: Entry | undefined): readonly FieldSpec[] {
  return specs.filter(({ when }) => when === undefined || (draft[when.name] ?? entry?.[when.name]) === when.is);
}

/** What to send: of an entry that is there what differs, of a new one all that was given. Or what is wrong, by field. */
export function givenIn(specs: readonly FieldSpec[], draft: Draft, entry: Entry | undefined): Given {
  const input: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  const before = draftOf(specs, entry);
  for (const spec of specs) {
    const text = (draft[spec.name] ?? '').trim();
    if (entry !== undefined && text === before[spec.name]) continue;
    const read = valueOf(spec, text);
    if (read.problem !== undefined) problems[spec.name] = read.problem;
    else if (entry !== undefined || read.value !== null) input[spec.name] = read.value;
  }
  return Object.keys(problems).length > 0 ? { problems } : { input };
}

type Read = { readonly value: unknown; readonly problem?: undefined } | { readonly problem: string };

function valueOf({ kind, isNeeded = false, most = 100 }: FieldSpec, text: string): Read {
  if (kind === 'flag') return { value: text === 'yes' };
  if (kind === 'list' || kind === 'places') return { value: listIn(text) };
  if (text === '') return isNeeded ? { problem: 'This is needed.' } : { value: null };
  switch (kind) {
    case 'count':
      return /^\d{1,9}$/.test(text) ? { value: Number(text) } : { problem: 'A whole number, such as 250.' };
    case 'number':
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { problem: 'A number, such as 3250.' };
    case 'rate': {
      const value = parseHashRate(text);
      return value === undefined ? { problem: 'A number with its unit, such as 110 TH/s.' } : { value };
    }
    case 'percent': {
      const value = Number(text.replace(/\s*%$/, ''));
      return value > 0 && value <= most
        ? { value: Number((value / 100).toFixed(8)) }
        : { problem: `Above 0 and at most ${most}.` };
    }
    case 'moment': {
      const at = new Date(text);
      return Number.isNaN(at.getTime()) ? { problem: 'A date and a time.' } : { value: at.toISOString() };
    }
    default:
      return { value: text };
  }
}

function typed({ kind }: FieldSpec, value: unknown): string {
  if (value === null || value === undefined) return '';
  switch (kind) {
    case 'flag':
      return value === true ? 'yes' : '';
    case 'list':
    case 'places':
      return (value as readonly string[]).join(', ');
    case 'rate':
      return formatExactHashRate(value as number);
    case 'percent':
      return String(Number(((value as number) * 100).toFixed(6)));
    case 'moment':
      return localMoment(new Date(value as string));
    default:
      return String(value as string | number);
  }
}

/** Names and tags hold neither commas nor line breaks. */
export function listIn(text: string): string[] {
  const items = text.split(/[,\n]/).map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

/** As a field for local date and time has it, to the minute. */
export function localMoment(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

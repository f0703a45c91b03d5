// Settings come from the environment, are parsed once by a schema, and are documented by the same table that parses them.
// A bad or unknown value stops the start with a sentence that names it.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting: its variable, how to parse it, its default as it would be written, and what it means (with unit). */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T, string>;
  readonly default: string;
  readonly doc: string;
  /** It may also stand in a file that `<env>_FILE` names, as orchestrators hand secrets over; no message repeats its value. */
  readonly secret?: boolean;
}

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOf<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

/** A setting could not be used; the message names the variable, the value and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'bad_settings';
}

/** Declares one setting. The schema takes the variable's text (use `z.coerce` for numbers, `flag` for booleans). */
export function setting<T>(
  env: string,
  schema: z.ZodType<T>,
  defaultValue: string | number | boolean,
  doc: string,
): Setting<T> {
  return { env, schema: schema as z.ZodType<T, string>, default: String(defaultValue), doc };
}

/** Declares a setting that is a secret: `<env>_FILE` may name a file that holds it instead. */
export function secret<T>(env: string, schema: z.ZodType<T>, defaultValue: string, doc: string): Setting<T> {
  return { ...setting(env, schema, defaultValue, doc), secret: true };
}

/** 'true' or 'false', also '1' and '0'. */
export const flag: z.ZodType<boolean> = z
  .enum(['true', 'false', '1', '0'])
  .transform((text) => text === 'true' || text === '1');

/** A whole number within bounds, inclusive. */
export function whole(least: number, most: number): z.ZodType<number> {
  // Number('  ') is 0, which as a port would mean any.
  const written = z.string().regex(/^\s*[+-]?\d/, 'expected a whole number');
  return written.pipe(z.coerce.number<string>().int().min(least).max(most));
}

export function defineSettings<Table extends SettingsTable>(table: Table): Table {
  return table;
}

/** Reads every setting of the table from `env`, an empty variable counting as unset. Throws SettingsError naming all that is wrong. */
export function parseSettings<Table extends SettingsTable>(table: Table, env: NodeJS.ProcessEnv): SettingsOf<Table> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(table)) {
    const text = entry.secret ? secretText(entry, env, problems) : textOf(env[entry.env], entry.default);
    if (text === undefined) continue;
    const parsed = entry.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else {
      const given = entry.secret ? entry.env : `${entry.env}=${JSON.stringify(text)}`;
      problems.push(`${given} cannot be used: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems.join(' '));
  return values as SettingsOf<Table>;
}

function textOf(given: string | undefined, fallback: string): string {
  return given === undefined || given === '' ? fallback : given;
}

/** The secret from its variable or its file; undefined, with the problem added, when it cannot be had. */
function secretText(entry: Setting<unknown>, env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const file = textOf(env[fileVariable(entry)], '');
  if (file === '') return textOf(env[entry.env], entry.default);
  if (textOf(env[entry.env], '') !== '') {
    problems.push(`${entry.env} and ${fileVariable(entry)} are both set: give the secret one way.`);
    return undefined;
  }
  try {
    // Files of secrets often end with the newline of the editor that wrote them.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${fileVariable(entry)}=${JSON.stringify(file)} cannot be read: ${(error as Error).message}.`);
    return undefined;
  }
}

function fileVariable({ env }: Setting<unknown>): string {
  return `${env}_FILE`;
}

/** Throws SettingsError when the environment sets an ASSAY_ variable that no table knows: a typing slip must not pass silently. */
export function refuseUnknownSettings(env: NodeJS.ProcessEnv, tables: readonly SettingsTable[]): void {
  const variables = (entry: Setting<unknown>): string[] =>
    entry.secret ? [entry.env, fileVariable(entry)] : [entry.env];
  const known = new Set(tables.flatMap((table) => Object.values(table).flatMap(variables)));
  const unknown = Object.keys(env).filter((name) => name.startsWith('ASSAY_') && !known.has(name));
  if (unknown.length === 0) return;
  throw new SettingsError(`Unknown setting ${unknown.join(', ')}. Known settings: ${[...known].sort().join(', ')}.`);
}

/** The settings as a Markdown table, for the documentation (a test holds docs and code together). */
export function describeSettings(tables: readonly SettingsTable[]): string {
  const seen = new Set<string>();
  const rows = tables
    .flatMap((table) => Object.values(table))
    .filter(({ env }) => !seen.has(env) && seen.add(env))
    .map((entry) => {
      const { env, default: fallback, doc, secret: isSecret } = entry;
      const variables = isSecret ? `\`${env}\` or \`${fileVariable(entry)}\`` : `\`${env}\``;
      return `| ${variables} | ${fallback === '' ? 'none' : `\`${fallback}\``} | ${doc} |`;
    });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

// Cuts a migration file into its statements at semicolons, with ClickHouse's quoting and comments, and fills its placeholders.

/** Anything whose inside is not SQL: a comment, a string, a quoted name. */
const OPAQUE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*"/y;
const COMMENT = /^(--|\/\*)/;

/** Statements in order, without comments around them, without empty ones. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let current = '';
  let meaningful = false;
  const finish = (): void => {
    if (meaningful) statements.push(current.trim());
    current = '';
    meaningful = false;
  };
  for (let i = 0; i < sql.length;) {
    OPAQUE.lastIndex = i;
    const opaque = OPAQUE.exec(sql)?.[0];
    if (opaque !== undefined) {
      const comment = COMMENT.test(opaque);
      if (!comment) meaningful = true;
      if (!comment || meaningful) current += opaque;
      i += opaque.length;
      continue;
    }
    const char = sql[i++]!;
    if (char === ';') {
      finish();
      continue;
    }
    if (!/\s/.test(char)) meaningful = true;
    current += char;
  }
  finish();
  return statements;
}

export type PlaceholderValues = Readonly<Record<string, string | number>>;

/** Puts `{{name}}` in. Fails naming a placeholder without a value; a value must be a number or a plain word, since it becomes SQL. */
export function fillPlaceholders(sql: string, values: PlaceholderValues, file: string): string {
  return sql.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`Migration ${file} needs a value for {{${name}}}.`);
    const text = String(value);
    if (!/^[A-Za-z0-9_.]+$/.test(text))
      throw new Error(
        `Migration ${file}: the value ${JSON.stringify(text)} for {{${name}}} must be a number or a plain word.`,
      );
    return text;
  });
}

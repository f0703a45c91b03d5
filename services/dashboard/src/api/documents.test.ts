// Every document the dashboard sends is valid against the gateway's own schema files.
import { buildSchema, parse, validate } from 'graphql';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SCHEMA = new URL('../../../graphql-gateway/schema/', import.meta.url);
const sdl = readdirSync(SCHEMA).map((name) => readFileSync(new URL(name, SCHEMA), 'utf8'));
const schema = buildSchema(sdl.join('\n'));

/** Documents live in files of their own or beside the component that sends them; all are found by their declaration. */
const sources = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** The text of a template literal with its `${NAME}` parts filled in from the constants of the same file. */
function fill(template: string, source: string): string {
  return template.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const constant = new RegExp(`const ${name} = (?:\`([^\`]*)\`|(\\d+))`).exec(source);
    if (!constant) throw new Error(`no constant ${name}`);
    return fill(constant[1] ?? constant[2]!, source);
  });
}

const documents = Object.entries(sources).flatMap(([file, source]) =>
  [...source.matchAll(/= graphql\(\s*`([^`]*)`/g)].map((match) => ({ file, text: fill(match[1]!, source) })),
);

describe('documents', () => {
  it('are found', () => {
    const declared = Object.values(sources).reduce(
      (sum, source) => sum + (source.match(/= graphql\(/g)?.length ?? 0),
      0,
    );
    expect(documents.length).toBe(declared);
    expect(documents.length).toBeGreaterThan(0);
  });

  it.each(documents.map(({ file, text }) => [/(?:query|mutation|subscription) (\w+)/.exec(text)?.[1] ?? file, text]))(
    '%s is valid',
    (_name, text) => {
      expect(validate(schema, parse(text)).map((error) => error.message)).toEqual([]);
    },
  );
});

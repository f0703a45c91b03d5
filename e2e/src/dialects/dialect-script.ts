// Reads the scripts of e2e/dialects: what a firmware is, where that is known from, and for each of its quirks the conversation that
// proves it. e2e/dialects/README.md describes the format.
import { readFileSync, readdirSync } from 'node:fs';

/** Where a quirk is known from: its makers' source, recorded traffic, or documents and reports only. */
export type KnownFrom = 'source' | 'recording' | 'documents';

export interface Step {
  /** Its line in the file, from 1. */
  readonly at: number;
  readonly verb: Verb;
  readonly text: string;
}

export interface Quirk {
  readonly name: string;
  /** What is proved, in a sentence. */
  readonly claim: string;
  readonly knownFrom: KnownFrom;
  /** Which lines of which source. */
  readonly source: string;
  /** Settings the pool must have, by the names of the gateway's config; none for most. */
  readonly pool: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

export interface DialectScript {
  readonly name: string;
  /** Firmware and versions. */
  readonly firmware: string;
  readonly sources: readonly string[];
  readonly quirks: readonly Quirk[];
}

const VERBS = [
  '>',
  '>r',
  '>+',
  '<',
  '~',
  '=',
  '?',
  'share',
  'fake',
  'keep',
  'connect',
  'use',
  'quiet',
  'restart',
  'repeat',
  'end',
  'ledger',
  'credited',
  'authorized',
] as const;
export type Verb = (typeof VERBS)[number];
const KNOWN_FROM: readonly string[] = ['source', 'recording', 'documents'] satisfies KnownFrom[];

export const SCRIPTS = new URL('../../dialects/', import.meta.url);

/** Every script, by name. */
export function readScripts(): DialectScript[] {
  return readdirSync(SCRIPTS)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => parseScript(name.slice(0, -'.txt'.length), readFileSync(new URL(name, SCRIPTS), 'utf8')));
}

/** Throws an error that names file and line where the text is no script. */
export function parseScript(name: string, text: string): DialectScript {
  const lines = text.split('\n').map((line, index) => ({ line: line.trimEnd(), at: index + 1 }));
  const fail = (at: number, problem: string): never => {
    throw new Error(`${name}.txt, line ${at}: ${problem}`);
  };
  let firmware = '';
  const sources: string[] = [];
  const quirks: (Omit<Quirk, 'steps'> & { steps: Step[] })[] = [];
  for (const { line, at } of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [word, ...rest] = line.split(' ') as [string, ...string[]];
    const value = rest.join(' ').trim();
    const quirk = quirks.at(-1);
    const change = (changes: Partial<Quirk>): void => {
      if (quirk === undefined) fail(at, `${word} before the first quirk`);
      quirks[quirks.length - 1] = { ...quirk!, ...changes } as (typeof quirks)[number];
    };
    switch (word) {
      case 'firmware:':
        firmware = value;
        break;
      case 'source:':
        sources.push(value);
        break;
      case 'quirk:':
        quirks.push({ name: value, claim: '', knownFrom: 'documents', source: '', pool: {}, steps: [] });
        break;
      case 'claim:':
        change({ claim: value });
        break;
      case 'from:': {
        const [knownFrom = '', ...source] = value.split(', ');
        if (!KNOWN_FROM.includes(knownFrom)) fail(at, `known from ${KNOWN_FROM.join(', ')}, not from ${knownFrom}`);
        change({ knownFrom: knownFrom as KnownFrom, source: source.join(', ') });
        break;
      }
      case 'pool:':
        change({ pool: JSON.parse(value) as Quirk['pool'] });
        break;
      default:
        if (!(VERBS as readonly string[]).includes(word)) fail(at, `no step: ${word}`);
        if (quirk === undefined) fail(at, 'a step before the first quirk');
        quirk!.steps.push({ at, verb: word as Verb, text: line.slice(word.length + 1) });
    }
  }
  for (const { name: quirk, claim, source, steps } of quirks) {
    if (claim === '' || source === '') fail(1, `${quirk} needs a claim and where it is known from`);
    if (!steps.some(({ verb }) => '<~=?'.includes(verb) || verb === 'ledger')) fail(1, `${quirk} expects nothing`);
  }
  if (firmware === '' || sources.length === 0 || quirks.length === 0)
    fail(1, 'a script has a firmware, its sources and at least one quirk');
  return { name, firmware, sources, quirks };
}

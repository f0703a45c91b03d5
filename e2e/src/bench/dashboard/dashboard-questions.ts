// Every question that the dashboard's pages ask, found by their declarations in its source, with variables as the pages send them. A query whose
// variables are not known here is a fault of the benchmark, so that no new page goes unmeasured.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workerOfMachine } from './large-farm.ts';

const SOURCE = fileURLToPath(new URL('../../../../services/dashboard/src', import.meta.url));

export interface Question {
  /** File, operation, and what the variables are where there are several. */
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Asker {
  /** Whose pages they are. */
  readonly tenant: string;
  /** Of a machine that they see. */
  readonly machine: number;
  readonly workers: number;
  readonly nowMs: number;
  /** Their id. */
  readonly user: string;
}

/** The queries, without mutations and subscriptions. */
export function dashboardQuestions(asker: Asker): Question[] {
  return documents().flatMap(({ file, text }) => {
    const [, name = '?', declared = ''] = /query (\w+)\s*(?:\(([^)]*)\))?/.exec(text) ?? [];
    const variables = [...declared.matchAll(/\$(\w+):\s*([^,\s]+)/g)].map(([, variable, type]) => ({
      name: variable!,
      isNeeded: type!.endsWith('!'),
    }));
    return variants(variables, asker).map(({ label, variables }) => ({
      name: `${file} ${name}${label === '' ? '' : ` (${label})`}`,
      query: text,
      variables,
    }));
  });
}

function documents(): { readonly file: string; readonly text: string }[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => join(SOURCE, name));
  const sources = files.map((file) => ({ file, source: readFileSync(file, 'utf8') }));
  const constants = new Map<string, string>();
  for (const { source } of sources)
    for (const [, name, template, number] of source.matchAll(
      /const (\w+) = (?:graphql\(\s*)?(?:`([^`]*)`|(\d[\d_]*);)/g,
    ))
      constants.set(name!, template ?? number!.replaceAll('_', ''));
  const fill = (text: string): string =>
    text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
      const constant = constants.get(name);
      if (constant === undefined) throw new Error(`the dashboard has no constant ${name}`);
      return fill(constant);
    });
  return sources.flatMap(({ file, source }) =>
    [...source.matchAll(/graphql\(\s*`([^`]*)`\s*(?:,\s*\[([^\]]*)\])?/g)]
      .map(([, text, fragments = '']) => ({
        file: relative(SOURCE, file)
          .replace(/^pages\//, '')
          .replace(/\.tsx?$/, ''),
        text: [text!, ...fragments.split(',').flatMap((name) => constants.get(name.trim()) ?? [])].map(fill).join('\n'),
      }))
      .filter(({ text }) => /^\s*query\b/.test(text)),
  );
}

interface Variant {
  readonly label: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const SORTS = ['NAME', 'HASH_RATE', 'CONTRIBUTION', 'UPTIME', 'INVALID', 'LAST_SHARE'];
const RANGES: Readonly<Record<string, number>> = { 'a day': 1, 'a week': 7, '30 days': 30, '90 days': 90 };

/** One for each way in which a page asks. */
function variants(declared: readonly { readonly name: string; readonly isNeeded: boolean }[], asker: Asker): Variant[] {
  let found: Variant[] = [{ label: '', variables: {} }];
  for (const { name, isNeeded } of declared) {
    const values = valuesOf(name, isNeeded, asker);
    found = found.flatMap(({ label, variables }) =>
      Object.entries(values).map(([more, value]) => ({
        label: [label, more].filter((part) => part !== '').join(', '),
        variables: { ...variables, [name]: value },
      })),
    );
  }
  return found;
}

/** Values by what they are; '' where there is one. */
function valuesOf(
  name: string,
  isNeeded: boolean,
  { tenant, machine, workers, nowMs, user }: Asker,
): Readonly<Record<string, unknown>> {
  switch (name) {
    case 'algorithm':
      return { '': 'SHA256D' };
    case 'name':
    case 'worker':
      return { '': isNeeded ? workerOfMachine(machine, workers) : null };
    case 'tenant':
      return isNeeded ? { '': tenant } : { 'one tenant': tenant, 'all tenants': null };
    case 'filter':
      return { '': {} };
    case 'sort':
      return Object.fromEntries(SORTS.map((field) => [`by ${field}`, { field, direction: 'DESC' }]));
    case 'range':
      return Object.fromEntries(
        Object.entries(RANGES).map(([label, days]) => [
          label,
          {
            from: new Date(nowMs - days * 86_400_000).toISOString(),
            to: new Date(nowMs).toISOString(),
            maxPoints: 300,
          },
        ]),
      );
    case 'search':
      return { '': null, searched: 'r1' };
    case 'first':
      return { '': 100 };
    case 'days':
      return { '': 30 };
    case 'hours':
      return { '': 24 };
    case 'of':
      return { contribution: 'CONTRIBUTION', invalid: 'INVALID' };
    case 'rack':
    case 'after':
    case 'from':
    case 'types':
      return { '': null };
    case 'id':
      return { '': user };
    default:
      throw new Error(`the benchmark does not know what the dashboard sends as $${name}`);
  }
}

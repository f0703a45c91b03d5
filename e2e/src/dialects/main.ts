// npm run dialects -- [--target HOST:PORT] [--user NAME] [--password TEXT] [--only name,name] [--list]: plays the scripts of e2e/dialects
// against a pool, or against a gateway started for each quirk, and prints what passed. Ends with 1 when something failed.
import { parseArgs } from 'node:util';
import type { DialectPool } from './dialect-pool.ts';
import { readScripts, type DialectScript, type Quirk } from './dialect-script.ts';
import { GatewayPool } from './gateway-pool.ts';
import { DEFAULT_OPTIONS, playQuirk, type QuirkResult } from './play-quirk.ts';
import { RULES, WireRules, type Rule } from './wire-rules.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    user: { type: 'string', default: DEFAULT_OPTIONS.user },
    password: { type: 'string', default: DEFAULT_OPTIONS.password },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options = { user: values.user, password: values.password };

const all = readScripts();
const names = values.only?.split(',');
const scripts = all.filter(({ name }) => names === undefined || names.includes(name));
if (scripts.length === 0) {
  process.stderr.write(`no dialect is called ${values.only}; there are ${all.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const tally = { passed: 0, failed: 0, untold: 0 };
const broken = new Map<Rule, string>();
for (const script of scripts) {
  say(`${script.name}: ${script.firmware}`);
  if (values.list) list(script);
  else for (const quirk of script.quirks) report(quirk, await play(quirk));
}
if (!values.list) {
  say('every line');
  for (const rule of Object.keys(RULES) as Rule[]) {
    const line = broken.get(rule);
    tally[line === undefined ? 'passed' : 'failed']++;
    say(`  ${line === undefined ? 'pass' : 'FAIL'}  ${rule}: ${RULES[rule]}`);
    if (line !== undefined) say(`        ${line.slice(0, 300)}`);
  }
  say(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.untold} untold`);
}
process.exit(tally.failed > 0 ? 1 : 0);

async function play(quirk: Quirk): Promise<QuirkResult> {
  const rules = new WireRules();
  const stranger = strangersPool();
  try {
    if (stranger !== undefined) {
      if (Object.keys(quirk.pool).length > 0) return { outcome: 'untold', why: `needs ${JSON.stringify(quirk.pool)}` };
      return await playQuirk(quirk, stranger, rules, options);
    }
    const pool = await GatewayPool.start(quirk.pool);
    try {
      return await playQuirk(quirk, pool, rules, options);
    } finally {
      await pool.stop();
    }
  } finally {
    for (const [rule, line] of rules.broken) if (!broken.has(rule)) broken.set(rule, line);
  }
}

function strangersPool(): DialectPool | undefined {
  if (values.target === undefined) return undefined;
  const colon = values.target.lastIndexOf(':');
  const [host, port] = [values.target.slice(0, colon).replace(/^\[|\]$/g, ''), Number(values.target.slice(colon + 1))];
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`--target must be HOST:PORT, got ${values.target}`);
  return { host, port, record: undefined, restart: undefined };
}

function report(quirk: Quirk, result: QuirkResult): void {
  tally[result.outcome]++;
  const words = { passed: 'pass', failed: 'FAIL', untold: 'n/a ' };
  say(`  ${words[result.outcome]}  ${quirk.name}: ${quirk.claim}`);
  if (result.outcome === 'failed') say(`        ${result.problem}`);
  if (result.outcome === 'untold') say(`        ${result.why}`);
}

function list({ sources, quirks }: DialectScript): void {
  for (const source of sources) say(`  source: ${source}`);
  for (const { name, claim, knownFrom, source } of quirks) say(`  ${name} (${knownFrom}: ${source}): ${claim}`);
}

// npm run fuzz -- [--cases N] [--connections N] [--seed S] [--target name]: all fuzz targets, N cases in all, then N connections of a
// gateway, and whether a session grows. An input that breaks a target is kept in the corpus, as small as it could be made.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FUZZ_TARGETS, FuzzFailure, fuzz, type FuzzTarget } from '@assay/stratum/fuzz';
import { fuzzGateway } from './gateway-fuzz.ts';
import { sessionGrowth } from './growth.ts';
import { JOBS_FILE } from './jobs-file.fuzz.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    connections: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    target: { type: 'string' },
  },
});

const all: Readonly<Record<string, FuzzTarget>> = { ...FUZZ_TARGETS, 'jobs-file': JOBS_FILE };
const cases = wholeNumber('cases', values.cases);
const connections = wholeNumber('connections', values.connections);
const seed = wholeNumber('seed', values.seed);
const chosen = Object.entries(all).filter(([name]) => values.target === undefined || name === values.target);
if (chosen.length === 0 && values.target !== 'gateway') {
  process.stderr.write(
    `no fuzz target is called ${values.target}; there are ${Object.keys(all).join(', ')} and gateway\n`,
  );
  process.exit(2);
}

const weights = chosen.reduce((sum, [, { weight }]) => sum + weight, 0);
let done = 0;
for (const [name, target] of chosen) {
  const share = Math.ceil((cases * target.weight) / weights);
  timed(`${name}: ${share} cases`, () => run(name, target, share));
  done += share;
}
if (values.target === undefined) {
  timed('session growth', () => {
    const { lines, bytes } = sessionGrowth(seed);
    return `, ${bytes} bytes a session after ${lines} lines`;
  });
}
if (values.target === undefined || values.target === 'gateway') {
  const began = performance.now();
  const { linesHeard, honestShares } = await fuzzGateway(connections, seed);
  const heard = `${linesHeard} lines heard, ${honestShares} honest shares taken`;
  say(`gateway: ${connections} connections, seed ${seed}, ${seconds(began)}, nothing found; ${heard}`);
}
say(`${done} cases and ${values.target === undefined ? connections : 0} connections, nothing found`);

function run(name: string, target: FuzzTarget, share: number): string {
  try {
    fuzz(name, target, share, seed);
    return ', nothing found';
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    const digest = createHash('sha256').update(error.input).digest('hex').slice(0, 12);
    const file = new URL(`${name}-${digest}.bin`, target.found);
    writeFileSync(file, error.input);
    process.stderr.write(`${error.message}\nkept as ${relative(process.cwd(), fileURLToPath(file))}\n`);
    process.stderr.write(`replay: npm run fuzz -- --target ${name} --seed ${seed} --cases ${share}\n`);
    process.exit(1);
  }
}

function timed(what: string, work: () => string): void {
  const began = performance.now();
  const result = work();
  say(`${what}, seed ${seed}, ${seconds(began)}${result}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`--${name} must be a whole number, got ${text}`);
  return value;
}

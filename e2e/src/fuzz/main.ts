// `npm run fuzz -- --cases N --seed S [--target name]`: runs the fuzz targets longer than the tests do.
import { parseArgs } from 'node:util';
import { FUZZ_TARGETS, fuzz } from '@assay/stratum/fuzz';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    target: { type: 'string' },
  },
});

const cases = wholeNumber('cases', values.cases);
const seed = wholeNumber('seed', values.seed);
for (const target of values.target === undefined ? Object.keys(FUZZ_TARGETS) : [values.target]) {
  const began = performance.now();
  fuzz(target, cases, seed);
  process.stdout.write(
    `${target}: ${cases} cases, seed ${seed}, ${((performance.now() - began) / 1000).toFixed(1)} s, nothing found\n`,
  );
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`--${name} must be a whole number, got ${text}`);
  return value;
}

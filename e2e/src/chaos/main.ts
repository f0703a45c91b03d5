// npm run chaos -- [--seed N] [--kills N] [--machines N] [--rate N] [--seconds N] [--hostile] [--json]
// Kills the pool (-9) again and again in the middle of load, or just loads it for a while (--kills 0 --seconds 600), and then compares
// every acknowledged share with ClickHouse. --hostile attacks it instead. Ends with status 1 when a share is lost or counted twice.
import { parseArgs } from 'node:util';
import { runHostile } from './hostile.ts';
import { runKills } from './kills.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '20' },
    machines: { type: 'string', default: '60' },
    rate: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '0' },
    hostile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'seed' | 'kills' | 'machines' | 'seconds'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`--${name} takes a whole number, not ${JSON.stringify(values[name])}`);
  return value;
}

const seed = wholeNumber('seed');
const { report, failed } = values.hostile
  ? await runHostile({ seed })
  : await runKills({
      seed,
      kills: wholeNumber('kills'),
      machines: wholeNumber('machines'),
      sharesPerSecond: Number(values.rate),
      seconds: wholeNumber('seconds'),
    });
process.stdout.write(
  (values.json ? JSON.stringify(report) : `${failed ? 'FAILED' : 'passed'}: ${JSON.stringify(report)}`) + '\n',
);
process.exit(failed ? 1 : 0);

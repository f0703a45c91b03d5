// npm run chaos -- [--cluster | --hostile] [--seed N] [--kills N] [--machines N] [--rate N] [--seconds N] [--json]
// Kills the pool (-9) again and again in the middle of load, or just loads it for a while (--kills 0 --seconds 600), and then compares
// every acknowledged share with ClickHouse. --cluster does the same to every process of a cluster, and more to it; --hostile attacks the
// pool instead. Ends with status 1 when a share is lost or counted twice.
import { parseArgs } from 'node:util';
import { runClusterKills } from './cluster/cluster-kills.ts';
import { runHostile } from './hostile.ts';
import { runKills } from './kills.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string' },
    machines: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string', default: '0' },
    cluster: { type: 'boolean', default: false },
    hostile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** On the machine of a developer a cluster leaves less room for load: three brokers and seven services share it. */
const DEFAULTS = values.cluster
  ? { kills: '30', machines: '40', rate: '5' }
  : { kills: '20', machines: '60', rate: '10' };

function wholeNumber(name: 'seed' | 'kills' | 'machines' | 'seconds'): number {
  const text = values[name] ?? DEFAULTS[name as keyof typeof DEFAULTS];
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`--${name} takes a whole number, not ${JSON.stringify(text)}`);
  return value;
}

const seed = wholeNumber('seed');
const load = {
  seed,
  kills: wholeNumber('kills'),
  machines: wholeNumber('machines'),
  sharesPerSecond: Number(values.rate ?? DEFAULTS.rate),
  seconds: wholeNumber('seconds'),
};
const run = values.hostile ? runHostile({ seed }) : values.cluster ? runClusterKills(load) : runKills(load);
const { report, failed } = await run;
process.stdout.write(
  (values.json ? JSON.stringify(report) : `${failed ? 'FAILED' : 'passed'}: ${JSON.stringify(report)}`) + '\n',
);
process.exit(failed ? 1 : 0);

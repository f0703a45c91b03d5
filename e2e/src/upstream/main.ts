// npm run upstream -- [--minutes 10 | --seconds 60] [--machines 200] [--seed 1] [--every 5] [--json]
//
// A farm mines through the gateway at two simulated pools that drop, go away, reconnect, and change difficulty and extranonce every few
// seconds (run.ts). Ends with status 1 when what machines submitted, what we verified and what the pools credited do not agree to the share.
import { parseArgs } from 'node:util';
import { positiveOption } from '../harness/positive-option.ts';
import { runUpstream } from './run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '60' },
    machines: { type: 'string', default: '200' },
    every: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const positive = (name: Exclude<keyof typeof values, 'json'>): number => positiveOption(name, values[name]);

const report = await runUpstream({
  seed: positive('seed'),
  machines: positive('machines'),
  seconds: values.minutes === '0' ? positive('seconds') : positive('minutes') * 60,
  disturbSeconds: positive('every'),
  say: (text) => void process.stderr.write(`upstream: ${text}\n`),
});
const failed = report.problems.length > 0;
process.stdout.write(
  (values.json ? JSON.stringify(report) : `${failed ? 'FAILED' : 'passed'}: ${JSON.stringify(report)}`) + '\n',
);
process.exit(failed ? 1 : 0);

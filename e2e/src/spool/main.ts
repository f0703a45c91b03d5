// npm run spool -- [--minutes 10 | --seconds 30] [--rate 2000] [--machines 200] [--gateways 2] [--brokers 1] [--seed 1] [--json]
//
// Kafka goes away under load and comes back (outage.ts). Ends with status 1 when a share is lost or counted twice, or when miners were
// not answered meanwhile.
import { parseArgs } from 'node:util';
import { positiveOption } from '../harness/positive-option.ts';
import { runOutage } from './outage.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
    machines: { type: 'string', default: '200' },
    gateways: { type: 'string', default: '2' },
    brokers: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const positive = (name: Exclude<keyof typeof values, 'json'>): number => positiveOption(name, values[name]);

const { report, failed } = await runOutage({
  seed: positive('seed'),
  seconds: values.minutes === '0' ? positive('seconds') : positive('minutes') * 60,
  rate: positive('rate'),
  machines: positive('machines'),
  gateways: positive('gateways'),
  brokers: values.brokers === '3' ? 3 : 1,
  say: (text) => void process.stderr.write(`spool: ${text}\n`),
});
process.stdout.write(
  (values.json ? JSON.stringify(report) : `${failed ? 'FAILED' : 'passed'}: ${JSON.stringify(report)}`) + '\n',
);
process.exit(failed ? 1 : 0);

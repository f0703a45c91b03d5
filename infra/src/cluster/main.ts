// npm run cluster [-- --demo] [-- --brokers 3] [-- --data DIR] [-- --free-ports]
// Kafka, Redis, ClickHouse and every service as processes on this machine, until Ctrl-C.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { demoFarm, Farm } from '@assay/sim';
import { LocalCluster } from './local-cluster.ts';
import { welcome } from './welcome.ts';

const USUAL_PORTS = { stratum: [3333, 3343], http: 8080, clickHouse: 8123 };
const DEMO_SEED = 1;
const REPEATED_SIGNAL_MS = 1_500;

const USAGE = 'Usage: npm run cluster [-- --demo] [-- --brokers 1|3] [-- --data DIR] [-- --free-ports]';

const values = options();
const brokers = values.brokers === '3' ? 3 : values.brokers === '1' ? 1 : undefined;
const dir = values.data === '' ? mkdtempSync(join(tmpdir(), 'assay-cluster-')) : resolve(values.data);

let stoppingSinceMs: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

const starting = run();
starting.catch((error: unknown) => {
  // A start that fails while it is being stopped fails because of that.
  if (stoppingSinceMs === undefined)
    process.stderr.write(`assay: the cluster could not be started: ${(error as Error).message}\n`);
  end(1);
});

async function run(): Promise<{ cluster: LocalCluster; farm: Farm | undefined }> {
  if (brokers === undefined) throw new Error(`--brokers takes 1 or 3, not ${JSON.stringify(values.brokers)}`);
  const cluster = await LocalCluster.start({
    dir,
    brokers,
    ...(values['free-ports'] ? {} : { ports: USUAL_PORTS }),
    onStep: (step) => process.stderr.write(`assay: ${step} ...\n`),
  });
  const pools = cluster.stratumPorts.map((port) => ({ host: '127.0.0.1', port }));
  const farm = values.demo ? new Farm(demoFarm(DEMO_SEED), pools, DEMO_SEED) : undefined;
  process.stdout.write(welcome(cluster, dir, values.demo));
  return { cluster, farm };
}

function stop(): void {
  if (stoppingSinceMs !== undefined) {
    // One Ctrl-C can arrive several times: from the terminal and from npm.
    if (performance.now() - stoppingSinceMs > REPEATED_SIGNAL_MS) end(130);
    return;
  }
  stoppingSinceMs = performance.now();
  process.stdout.write('\nStopping: each service finishes what it has ...\n');
  void starting.then(async ({ cluster, farm }) => {
    farm?.stop();
    const forced = await cluster.stop();
    process.stdout.write(forced.length === 0 ? 'Stopped.\n' : `Stopped; had to be killed: ${forced.join(', ')}.\n`);
    end(forced.length === 0 ? 0 : 1);
  });
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        demo: { type: 'boolean', default: false },
        brokers: { type: 'string', default: '1' },
        data: { type: 'string', default: '' },
        'free-ports': { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`assay: ${(error as Error).message} ${USAGE}\n`);
    process.exit(1);
  }
}

/** Processes that still run end with this one. */
function end(code: number): never {
  if (values.data === '') rmSync(dir, { recursive: true, force: true });
  process.exit(code);
}

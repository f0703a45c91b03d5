// npm run bench -- [--json] [--only name] [--cluster | --farm | --detection | --dashboard [--data DIR] [--workers N] [--rounds N]]: every benchmark that needs no servers in one run, or those of the cluster, of a farm of 10,000 machines, of fault detection, or of the dashboard's questions to 100,000 workers and 90 days; prints a table, or with --json one JSON array as its last line.
import { parseArgs } from 'node:util';
import type { BenchRow } from './bench-row.ts';
import { clusterBench } from './cluster/cluster.bench.ts';
import { dashboardBench, dashboardTable } from './dashboard/dashboard.bench.ts';
import { DETECTION_BENCHMARKS } from './detection/detection.bench.ts';
import { FARM_BENCHMARKS } from './farm.bench.ts';
import { gatewaySubmit } from './gateway-submit.bench.ts';
import { logToClickHouse } from './log-to-clickhouse.bench.ts';
import { idleMemory } from './idle-memory.bench.ts';
import { jobFanOut } from './job-fan-out.bench.ts';
import { logAppend } from './log-append.bench.ts';
import { proxiedSubmit } from './proxied-submit.bench.ts';
import { shareBlock } from './share-block.bench.ts';
import { shareVerification } from './share-verification.bench.ts';
import { table } from './table.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  'share-verification': shareVerification,
  'share-block': shareBlock,
  'log-append': logAppend,
  'gateway-submit': () => gatewaySubmit(),
  'proxied-submit': proxiedSubmit,
  'idle-memory': idleMemory,
  'job-fan-out': jobFanOut,
  'log-to-clickhouse': () => logToClickHouse(),
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    cluster: { type: 'boolean', default: false },
    farm: { type: 'boolean', default: false },
    detection: { type: 'boolean', default: false },
    dashboard: { type: 'boolean', default: false },
    data: { type: 'string' },
    workers: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '40' },
  },
});
const { only } = values;
if (values.dashboard) {
  const measured = await dashboardBench({
    size: { workers: Number(values.workers), days: 90, minuteDays: 1 },
    dataDir: values.data,
    rounds: Number(values.rounds),
    only,
  });
  process.stdout.write(`${values.json ? JSON.stringify(measured) : dashboardTable(measured)}\n`);
  process.exit(0);
}
const available = values.cluster
  ? { cluster: clusterBench }
  : values.farm
    ? FARM_BENCHMARKS
    : values.detection
      ? DETECTION_BENCHMARKS
      : BENCHMARKS;
const chosen = Object.entries(available).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0) {
  process.stderr.write(`no benchmark is called ${only}; there are ${Object.keys(available).join(', ')}\n`);
  process.exit(2);
}

const rows: BenchRow[] = [];
for (const [name, run] of chosen) {
  const began = performance.now();
  rows.push(...(await run()));
  process.stderr.write(`bench: ${name} took ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
process.stdout.write(table(rows) + '\n');
if (values.json) process.stdout.write(JSON.stringify(rows) + '\n');

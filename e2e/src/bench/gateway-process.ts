// The gateway as it runs in production, full check and flushed log, in a process of its own to be measured.
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { gatewaySettings, startStratumGateway, type ControlCommand } from '@assay/stratum-gateway';
import { serveParent } from './serve-parent.ts';

const dir = mkdtempSync(join(tmpdir(), 'assay-bench-gateway-'));
const log = await openLmdbEventLog({ dir, clock: systemClock });
await log.ensureTopics(topicSpecs(1));
const registry = new Registry();
const gateway = await startStratumGateway(parseSettings(gatewaySettings, process.env), {
  log,
  clock: systemClock,
  logger: silentLogger,
  registry,
});

async function connections(): Promise<number> {
  const gauge = await registry.getSingleMetric('assay_stratum_gateway_connections')?.get();
  return gauge!.values[0]!.value;
}

serveParent(
  {
    port: () => gateway.port,
    connections,
    /** Shares answered with `true` so far. */
    accepted: () => gateway.tallies.shares[0],
    /** What an operator does to have a new job: a command on the control topic. Answers with when, as process.hrtime tells it. */
    refreshJob: async () => {
      const command = { type: 'job_refresh', newBlock: false } satisfies ControlCommand;
      const triggered = process.hrtime.bigint();
      await log.append(TOPIC.control, [{ value: Buffer.from(JSON.stringify(command)) }], 0);
      return triggered;
    },
  },
  async () => {
    await gateway.stop();
    await log.close();
    rmSync(dir, { recursive: true, force: true });
  },
);

// A gateway for tests: on a free port, with a log in memory, settings for quick and easy shares, and its blocks at hand.
import { systemClock, type Clock } from '@assay/kernel';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { Registry, parseSettings, silentLogger } from '@assay/platform';
import { decodeSubmitted, type SubmittedBlock } from '@assay/share-block';
import type { WorkerEvent } from '@assay/tenancy';
import { gatewaySettings, type GatewayConfig } from '../config.ts';
import { startStratumGateway, type GatewayPorts, type StratumGateway } from '../stratum-gateway.ts';

export interface TestGateway {
  readonly gateway: StratumGateway;
  readonly port: number;
  readonly log: EventLog;
  readonly registry: Registry;
  blocks(): Promise<SubmittedBlock[]>;
  events(): Promise<WorkerEvent[]>;
  stop(): Promise<void>;
}

export function testConfig(changes: Partial<GatewayConfig> = {}): GatewayConfig {
  const config = parseSettings(gatewaySettings, { ASSAY_STRATUM_PORT: '0' });
  return {
    ...config,
    minDifficulty: 1e-8,
    startDifficulty: 1e-8,
    startDifficultyRolling: 1e-8,
    lingerMs: 1,
    ...changes,
  };
}

export async function memoryLog(clock: Clock): Promise<EventLog> {
  const log = openMemoryEventLog({ clock });
  await log.ensureTopics(topicSpecs(2));
  return log;
}

export async function startTestGateway(
  changes: Partial<GatewayConfig> = {},
  ports: Partial<GatewayPorts> = {},
): Promise<TestGateway> {
  const clock = ports.clock ?? systemClock;
  const log = ports.log ?? (await memoryLog(clock));
  const registry = new Registry();
  const gateway = await startStratumGateway(testConfig(changes), {
    log,
    clock,
    logger: silentLogger,
    registry,
    ...ports,
  });
  const values = async (topic: string): Promise<Uint8Array[]> => {
    const out: Uint8Array[] = [];
    for (let partition = 0; partition < (await log.partitions(topic)); partition++) {
      const records = await log.readFrom(topic, partition, 0, { maxRecords: 100_000, maxBytes: 2 ** 30, waitMs: 0 });
      out.push(...records.map(({ value }) => value));
    }
    return out;
  };
  return {
    gateway,
    port: gateway.port,
    log,
    registry,
    blocks: async () => (await values(TOPIC.sharesSubmitted)).map((value) => decodeSubmitted(value)),
    events: async () =>
      (await values(TOPIC.workerEvents)).map((value) => JSON.parse(Buffer.from(value).toString()) as WorkerEvent),
    stop: () => gateway.stop(),
  };
}

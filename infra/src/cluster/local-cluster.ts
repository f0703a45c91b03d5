// The cluster setting on one machine: Kafka, Redis and ClickHouse, and every service as a process of its own, any of which can be
// killed, paused and started again. Invariant: when `start` rejects or `stop` resolves, no process is left.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { secretsKeyFile } from '@assay/platform';
import { startClickHouse, type ClickHouseServer } from '../clickhouse/start-clickhouse.ts';
import { freePorts } from '../free-ports.ts';
import { startKafka, type Kafka } from '../kafka/start-kafka.ts';
import type { ManagedProcess } from '../managed-process.ts';
import { requirePrograms } from '../programs.ts';
import { startRedis, type RedisServer } from '../redis/redis-server.ts';
import { CLUSTER_DEFAULTS, LOG_DIR, type ClusterOptions } from './cluster-options.ts';
import { runMigrator } from './run-migrator.ts';
import { ServiceServer, type ServiceName } from './service-process.ts';

/** Longer than the services' own ASSAY_DRAIN_SECONDS. */
const STOP_TIMEOUT_MS = 40_000;
const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 100;

export class LocalCluster {
  readonly kafka: Kafka;
  readonly redis: RedisServer;
  readonly clickHouse: ClickHouseServer;
  readonly services: readonly ServiceServer[];
  /** The stratum port of each gateway. */
  readonly stratumPorts: readonly number[];
  /** Dashboard and GraphQL. */
  readonly httpUrl: string;

  private constructor(servers: Servers, plan: ServicePlan) {
    this.kafka = servers.kafka;
    this.redis = servers.redis;
    this.clickHouse = servers.clickHouse;
    this.services = plan.services;
    this.stratumPorts = plan.stratumPorts;
    this.httpUrl = plan.httpUrl;
  }

  /** Starts everything, in order; resolves once every service is ready. */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    requirePrograms('java', 'redis-server');
    const step = options.onStep ?? (() => undefined);
    const servers = await startServers(options, step);
    let cluster: LocalCluster | undefined;
    try {
      step('creating topics and tables');
      await runMigrator(connectionsOf(servers), {
        ASSAY_PARTITIONS: String(options.partitions ?? CLUSTER_DEFAULTS.partitions),
        ASSAY_KAFKA_REPLICATION: String(servers.kafka.brokers.length),
      });
      cluster = new LocalCluster(servers, await planServices(options, connectionsOf(servers)));
      step(`starting ${cluster.services.map(({ name }) => name).join(', ')}`);
      await Promise.all(cluster.services.map((service) => service.process.start()));
      await cluster.untilReady();
      return cluster;
    } catch (error) {
      await (cluster?.stop() ?? stopServers(servers));
      throw error;
    }
  }

  servicesOf(service: ServiceName): readonly ServiceServer[] {
    return this.services.filter((one) => one.service === service);
  }

  /** Every process there is. */
  get processes(): readonly ManagedProcess[] {
    const { kafka, redis, clickHouse, services } = this;
    return [...kafka.brokers, redis.process, clickHouse.process, ...services.map((service) => service.process)];
  }

  /** Resolves once every service says that it is ready; rejects with what they say instead when that takes too long. */
  async untilReady(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const states = await Promise.all(this.services.map((service) => service.readiness()));
      const waiting = this.services.filter((_, i) => !states[i]!.ready);
      if (waiting.length === 0) return;
      const ended = waiting.find((service) => !service.process.running);
      if (ended) throw new Error(`${ended.name} ended with ${ended.process.ended}:\n${ended.process.output}`);
      if (performance.now() > deadline) {
        const reasons = waiting.map(
          (service) => `${service.name}: ${reasonsOf(states[this.services.indexOf(service)]!)}`,
        );
        throw new Error(`not ready within ${timeoutMs} ms: ${reasons.join('; ')}`);
      }
      await delay(READY_POLL_MS);
    }
  }

  /** Takes everything down in the order in which shares flow, each finishing what it has; resolves with what had to be killed. */
  async stop(): Promise<string[]> {
    const forced: string[] = [];
    for (const kind of ['stratum-gateway', 'validator', 'aggregator', 'alerter', 'graphql-gateway'] as const) {
      const stopping = this.servicesOf(kind).map(async ({ name, process }) => {
        if (!(await process.stop(STOP_TIMEOUT_MS))) forced.push(name);
      });
      await Promise.all(stopping);
    }
    await stopServers(this);
    return forced;
  }
}

interface Servers {
  readonly kafka: Kafka;
  readonly redis: RedisServer;
  readonly clickHouse: ClickHouseServer;
}

interface ServicePlan {
  readonly services: readonly ServiceServer[];
  readonly stratumPorts: readonly number[];
  readonly httpUrl: string;
}

async function startServers({ dir, brokers, ports }: ClusterOptions, step: (step: string) => void): Promise<Servers> {
  const started: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    started.push(server);
    return server;
  };
  try {
    const count = brokers ?? CLUSTER_DEFAULTS.brokers;
    step(`starting Kafka (${count === 1 ? 'one broker' : `${count} brokers`}), Redis and ClickHouse`);
    const redis = keep(await startRedis({ dir: join(dir, 'redis') }));
    const clickHouse = keep(
      await startClickHouse({ dir: join(dir, 'clickhouse'), ...(ports ? { port: ports.clickHouse } : {}) }),
    );
    const kafka = keep(await startKafka({ dir: join(dir, 'kafka'), brokers: count }));
    return { kafka, redis, clickHouse };
  } catch (error) {
    await Promise.all(started.map((server) => server.stop()));
    throw error;
  }
}

async function stopServers({ kafka, redis, clickHouse }: Servers): Promise<void> {
  await Promise.all([redis.stop(), clickHouse.stop(), kafka.stop()]);
}

/** Where the services find the servers. */
function connectionsOf({ kafka, redis, clickHouse }: Servers): Record<string, string> {
  return {
    ASSAY_KAFKA_BROKERS: kafka.bootstrap.join(','),
    ASSAY_REDIS_URL: redis.url,
    ASSAY_CLICKHOUSE_URL: clickHouse.url,
    ASSAY_CLICKHOUSE_USER: clickHouse.username,
    ASSAY_CLICKHOUSE_PASSWORD: clickHouse.password,
  };
}

async function planServices(options: ClusterOptions, connections: Record<string, string>): Promise<ServicePlan> {
  const { dir, logLevel = 'warn', settings = {}, ports } = options;
  const gateways = options.gateways ?? CLUSTER_DEFAULTS.gateways;
  const stratumPorts = ports?.stratum ?? (await freePorts(gateways));
  const httpPort = ports?.http ?? (await freePorts(1))[0]!;
  const logDir = join(dir, LOG_DIR);
  await mkdir(logDir, { recursive: true });
  const common = { ...connections, ASSAY_LOG_LEVEL: logLevel };
  // As long as the data, which holds what was sealed with it.
  const secrets = { ASSAY_SECRETS_KEY: secretsKeyFile(join(dir, 'secrets.key')).toString('base64') };
  const services: ServiceServer[] = [];
  const add = async (
    kind: ServiceName,
    count: number,
    envOf: (number: number, name: string) => object,
  ): Promise<void> => {
    const opsPorts = await freePorts(count);
    for (let number = 1; number <= count; number++) {
      const name = `${kind === 'stratum-gateway' ? 'gateway' : kind}-${number}`;
      const opsPort = kind === 'graphql-gateway' ? httpPort : opsPorts[number - 1]!;
      const env = { ...common, ASSAY_OPS_PORT: String(opsPort), ...envOf(number, name) };
      services.push(new ServiceServer(kind, name, opsPort, env, join(logDir, `${name}.log`)));
    }
  };
  await add('stratum-gateway', gateways, (number, name) => ({
    ASSAY_STRATUM_PORT: String(stratumPorts[number - 1]),
    ASSAY_GATEWAY_NAME: name,
    ASSAY_SPOOL_DIR: join(dir, 'spool', name),
    ...settings.gateway,
  }));
  await add('validator', options.validators ?? CLUSTER_DEFAULTS.validators, () => ({ ...settings.validator }));
  await add('aggregator', options.aggregators ?? CLUSTER_DEFAULTS.aggregators, () => ({ ...settings.aggregator }));
  await add('alerter', options.alerters ?? CLUSTER_DEFAULTS.alerters, () => ({ ...secrets, ...settings.alerter }));
  await add('graphql-gateway', 1, () => ({
    ...secrets,
    ASSAY_HTTP_PORT: String(httpPort),
    ASSAY_STRATUM_URLS: stratumPorts.map((port) => `stratum+tcp://127.0.0.1:${port}`).join(','),
    ...settings.graphql,
  }));
  return { services, stratumPorts, httpUrl: `http://127.0.0.1:${httpPort}` };
}

function reasonsOf({ checks }: { readonly checks: Readonly<Record<string, string>> }): string {
  const wrong = Object.entries(checks).filter(([, state]) => state !== 'ok');
  return wrong.length === 0 ? 'no answer' : wrong.map(([check, state]) => `${check}: ${state}`).join(', ');
}

// What the cluster's benchmarks run on: real Kafka, Redis and ClickHouse and the services' own processes, started and stopped phase by
// phase, and what each of them spent.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import type { AnalyticsStore } from '@assay/analytics';
import { TOPIC, type EventLog } from '@assay/event-log';
import { LocalCluster, type ServiceName } from '@assay/infra';
import { assert, systemClock } from '@assay/kernel';
import { Lifecycle, silentLogger } from '@assay/platform';
import { LOAD_SETTINGS } from '../../harness/pool-process.ts';
import { cpuUsOfTree } from '../process-cpu.ts';

export const PARTITIONS = 4;
/** As many as some gateways have under way together. */
const APPENDS_AT_ONCE = 64;
const READY_TIMEOUT_MS = 60_000;

export type Part = ServiceName | 'kafka' | 'clickhouse';
export type Cpu = Readonly<Record<Part, number>>;

export class BenchCluster {
  readonly cluster: LocalCluster;
  readonly log: EventLog;
  readonly store: AnalyticsStore;
  /** Where everything is kept. */
  readonly dir: string;
  readonly #lifecycle: Lifecycle;

  private constructor(dir: string, cluster: LocalCluster, log: EventLog, store: AnalyticsStore, lifecycle: Lifecycle) {
    this.dir = dir;
    this.cluster = cluster;
    this.log = log;
    this.store = store;
    this.#lifecycle = lifecycle;
  }

  /** One broker, one gateway, and two of each service that is scaled, of which none of the latter runs yet. */
  static async start(): Promise<BenchCluster> {
    const lifecycle = new Lifecycle(silentLogger);
    const dir = await lifecycle.start(
      'directory',
      async () => mkdtempSync(join(tmpdir(), 'assay-bench-cluster-')),
      async (made) => rmSync(made, { recursive: true, force: true }),
    );
    const cluster = await lifecycle.start(
      'cluster',
      () =>
        LocalCluster.start({
          dir,
          brokers: 1,
          gateways: 1,
          validators: 2,
          aggregators: 2,
          partitions: PARTITIONS,
          settings: { gateway: LOAD_SETTINGS },
        }),
      async (part) => void (await part.stop()),
    );
    const log = await lifecycle.start(
      'log',
      () => openKafkaEventLog({ brokers: cluster.kafka.bootstrap, clientId: 'bench', clock: systemClock }),
      (part) => part.close(),
    );
    const { url, username, password } = cluster.clickHouse;
    const store = await lifecycle.start(
      'store',
      async () => createClickHouseStore({ url, username, password }),
      (part) => part.close(),
    );
    const bench = new BenchCluster(dir, cluster, log, store, lifecycle);
    await bench.run({ validator: 0, aggregator: 0 });
    await bench.untilReady();
    return bench;
  }

  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /** Starts and stops services until so many of each run. */
  async run(wanted: { readonly validator: number; readonly aggregator: number }): Promise<void> {
    for (const service of ['validator', 'aggregator'] as const) {
      for (const [i, one] of this.cluster.servicesOf(service).entries()) {
        if (i >= wanted[service]) assert(await one.process.stop(), `${one.name} had to be killed`);
        else if (!one.process.running) await one.process.start();
      }
    }
  }

  /** Resolves once everything that runs is ready, which an aggregator is only when it has caught up. */
  async untilReady(): Promise<void> {
    const running = this.cluster.services.filter((one) => one.process.running);
    await eventually(READY_TIMEOUT_MS, async () => {
      const states = await Promise.all(running.map((one) => one.readiness()));
      return states.every(({ ready }) => ready);
    });
  }

  /** Appends the blocks to `shares.submitted`, to one partition after the other. */
  async append(blocks: readonly Uint8Array[]): Promise<void> {
    for (let at = 0; at < blocks.length; at += APPENDS_AT_ONCE) {
      const some = blocks.slice(at, at + APPENDS_AT_ONCE);
      await Promise.all(some.map((value, i) => this.log.append(TOPIC.sharesSubmitted, [{ value }], i % PARTITIONS)));
    }
  }

  /** Records in a topic since it was made. */
  async records(topic: string): Promise<number> {
    const ends = Array.from({ length: PARTITIONS }, async (_, i) => (await this.log.bounds(topic, i)).end);
    return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
  }

  async count(sql: string): Promise<number> {
    const [row] = await this.store.query<{ n: string }>(sql);
    return Number(row!.n);
  }

  /** CPU time so far of everything of a kind that runs, microseconds. */
  cpuUs(): Cpu {
    const of = (pids: readonly (number | undefined)[]): number =>
      pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : cpuUsOfTree(pid)), 0);
    const service = (name: ServiceName): number => of(this.cluster.servicesOf(name).map((one) => one.process.pid));
    return {
      'stratum-gateway': service('stratum-gateway'),
      validator: service('validator'),
      aggregator: service('aggregator'),
      alerter: service('alerter'),
      'graphql-gateway': service('graphql-gateway'),
      kafka: of(this.cluster.kafka.brokers.map((broker) => broker.pid)),
      clickhouse: of([this.cluster.clickHouse.process.pid]),
    };
  }
}

/** Waits for a condition, looking again after every answer; rejects after `timeoutMs`. */
export async function eventually(timeoutMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) assert(performance.now() < deadline, `waited ${timeoutMs} ms in vain`);
}

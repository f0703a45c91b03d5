// The cluster setting as a person starts it: every service a process of its own on real Kafka, Redis and ClickHouse. Miners that share no
// code with the pool mine at both gateways, and what they were told stands in every answer.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import type { ServiceName } from '@assay/infra';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterProcesses } from './harness/cluster-process.ts';
import { CpuMiner } from './harness/cpu-miner.ts';
import { waitFor } from './harness/wait-for.ts';

const SUBMITS = 40;
const TIMEOUT_MS = 60_000;

interface Answer {
  status: { live: boolean };
  workers: {
    nodes: {
      name: string;
      status: string;
      shares: { accepted: number; rejected: number };
      hashRate: { hashRate: number; low: number; high: number } | null;
    }[];
  };
}

const WORKERS = `{ status { live } workers { nodes { name status shares { accepted rejected } hashRate(window: M1) { hashRate low high } } } }`;

describe('a cluster', () => {
  let pool: ClusterProcesses;
  beforeAll(async () => {
    // Some thousand hashes a share, and no room for vardiff, which would make shares rarer while the test waits for them.
    const easy = { ASSAY_MIN_DIFFICULTY: '0.000001' };
    const settings = { gateway: { ...easy, ASSAY_MAX_DIFFICULTY: '0.000001' }, graphql: easy };
    pool = await ClusterProcesses.launch({ settings });
  });
  afterAll(() => pool.dispose());

  it('counts the shares of miners at both gateways, and shows their rates', async () => {
    const miners = pool.cluster.stratumPorts.map(
      (port, i) => new CpuMiner({ port, user: `acme.site.m${i + 1}`, password: 'x', submits: SUBMITS }),
    );
    try {
      await waitFor('every submit to be answered', TIMEOUT_MS, () =>
        miners.every(({ accepted, rejected }) => accepted + rejected === SUBMITS),
      );
      const accepted = miners.map((miner) => miner.accepted);
      expect(Math.min(...accepted)).toBeGreaterThan(0);
      const { status, workers } = await waitFor('the shares in GraphQL', TIMEOUT_MS, async () => {
        const answer = await pool.graphql<Answer>(WORKERS);
        const counted = answer.workers.nodes.map(({ shares }) => shares.accepted + shares.rejected);
        return counted.length === 2 && counted.every((count) => count >= SUBMITS) ? answer : undefined;
      });
      expect(status.live).toBe(true);
      expect(workers.nodes.map(({ name }) => name)).toEqual(['acme.site.m1', 'acme.site.m2']);
      expect(workers.nodes.map(({ shares }) => shares.accepted)).toEqual(accepted);
      for (const { hashRate } of workers.nodes) {
        expect(hashRate!.hashRate).toBeGreaterThan(0);
        expect(hashRate!.low).toBeLessThan(hashRate!.hashRate);
      }
      const rows = await pool.sql<{ gateway: string; n: string }>(
        "SELECT gateway, count() AS n FROM assay.shares WHERE verdict = 'accepted' GROUP BY gateway ORDER BY gateway",
      );
      expect(rows.map(({ gateway, n }) => [gateway, Number(n)])).toEqual([
        ['gateway-1', accepted[0]],
        ['gateway-2', accepted[1]],
      ]);
    } finally {
      for (const miner of miners) miner.close();
    }
  });

  it("deletes what is older than a tenant's own retention, when told to", async () => {
    const { kafka, clickHouse } = pool.cluster;
    const tool = fileURLToPath(new URL('../../services/migrator/dist/tenant-retention-main.js', import.meta.url));
    const { url, username, password } = clickHouse;
    const env = {
      ...process.env,
      ASSAY_KAFKA_BROKERS: kafka.bootstrap.join(','),
      ASSAY_CLICKHOUSE_URL: url,
      ASSAY_CLICKHOUSE_USER: username,
      ASSAY_CLICKHOUSE_PASSWORD: password,
    };
    const run = (...args: string[]) => spawnSync(process.execPath, [tool, ...args], { env, encoding: 'utf8' });
    const store = createClickHouseStore({ url, username, password });
    await store.command(
      "INSERT INTO assay.events (tenant, worker, at) VALUES ('brief', 'brief.m1', now() - INTERVAL 8 DAY), ('brief', 'brief.m1', now())",
    );
    await pool.graphql(
      'mutation { createTenant(id: "brief", tenant: { name: "Brief", kind: HOSTING, autoRegister: true, retentionDays: 7 }) { id } }',
    );
    expect(run().stdout).toBe('events: 1\n1 rows of 1 tenants are too old\n');
    expect(run('--apply').stdout).toBe('events: 1\n1 rows of 1 tenants were deleted\n');
    expect(run('--apply').stdout).toBe('0 rows of 1 tenants were deleted\n');
    expect(await store.query("SELECT worker FROM assay.events WHERE tenant = 'brief'")).toHaveLength(1);
    await store.close();
  });

  it('serves health, readiness and metrics of every service', async () => {
    for (const service of pool.cluster.services) {
      expect(await service.readiness()).toMatchObject({ ready: true });
      const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text();
      expect(metrics).toContain(`assay_build_info{service="${service.service}"`);
    }
  });

  it('starts without its servers, serves miners meanwhile, and goes on by itself when they come', async () => {
    const { cluster } = pool;
    const servers = [...cluster.kafka.brokers, cluster.redis.process, cluster.clickHouse.process];
    await Promise.all(cluster.processes.map((process) => process.kill()));
    await Promise.all(cluster.services.map(({ process }) => process.start()));

    const readinessOf = async (kind: ServiceName) => cluster.servicesOf(kind)[0]!.readiness();
    await waitFor('the gateway to be ready', TIMEOUT_MS, async () => (await readinessOf('stratum-gateway')).ready);
    const user = 'acme.site.early';
    const miner = new CpuMiner({ port: cluster.stratumPorts[0]!, user, password: 'x', submits: SUBMITS });
    try {
      await waitFor(
        'the early shares to be acknowledged',
        TIMEOUT_MS,
        () => miner.accepted + miner.rejected === SUBMITS,
      );
    } finally {
      miner.close();
    }
    expect(miner.accepted).toBeGreaterThan(0);
    expect(await readinessOf('validator')).toMatchObject({ ready: false, checks: { Kafka: expect.any(String) } });
    expect(await readinessOf('aggregator')).toMatchObject({ ready: false, checks: { ClickHouse: expect.any(String) } });
    expect(await readinessOf('graphql-gateway')).toMatchObject({ ready: false });

    await Promise.all(servers.map((server) => server.start()));
    await cluster.untilReady();
    await waitFor('the early shares to be counted', TIMEOUT_MS, async () => {
      const [row] = await pool.sql<{ n: string }>(
        "SELECT count() AS n FROM assay.shares WHERE verdict = 'accepted' AND worker = {user:String}",
        { user },
      );
      return Number(row!.n) === miner.accepted;
    });
  });

  it('refuses a setting nobody knows with one sentence', () => {
    const [validator] = pool.cluster.servicesOf('validator');
    const { status, stderr } = spawnSync(process.execPath, [validator!.main], {
      env: { ...process.env, ASSAY_KAFKA_BROKER: 'localhost:9092' },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^assay validator: Unknown setting ASSAY_KAFKA_BROKER\./);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('stops by itself and leaves no process', async () => {
    const pids = pool.cluster.processes.map(({ pid }) => pid!);
    expect(pids).not.toContain(undefined);
    expect(await pool.dispose()).toEqual([]);
    for (const service of pool.cluster.services)
      expect([service.name, service.process.ended]).toEqual([service.name, 0]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

// What the production overlay lets each service do in Kafka and Redis is enough for its work and no more: the users of
// k8s/stores/operated/kafka-users.yaml on a broker that enforces them, with TLS and SCRAM as Strimzi sets them up, the ACL file of
// docs/kubernetes.md on Redis, and the services as processes with those logins and no others.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKafkaEventLog, type KafkaEventLog } from '@assay/adapter-kafka';
import { TOPIC } from '@assay/event-log';
import {
  freePorts,
  ServiceServer,
  startClickHouse,
  startKafka,
  startRedis,
  type ClickHouseServer,
  type Kafka,
  type RedisServer,
  type ServiceName,
} from '@assay/infra';
import { systemClock } from '@assay/kernel';
import { Redis } from 'ioredis';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka as Client,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { askSql } from './harness/ask.ts';
import { CpuMiner } from './harness/cpu-miner.ts';
import { waitFor } from './harness/wait-for.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PASSWORD = 'of-no-consequence';
const SUBMITS = 5;
/** The log takes a refusal for one that may pass and tries again for this long. */
const CALL_TIMEOUT_MS = 3_000;

interface KafkaUser {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly authorization: {
      readonly acls: readonly {
        readonly resource: { readonly type: 'topic' | 'group'; readonly name: string };
        readonly operations: readonly string[];
      }[];
    };
  };
}

const users = parseAllDocuments(readFileSync(join(ROOT, 'k8s/stores/operated/kafka-users.yaml'), 'utf8')).map(
  (document) => document.toJS() as KafkaUser,
);

/** 'DescribeConfigs' as Strimzi and Kafka write it, as kafkajs knows it. */
const operation = (name: string): AclOperationTypes =>
  AclOperationTypes[name.replace(/(?<!^)[A-Z]/g, '_$&').toUpperCase() as keyof typeof AclOperationTypes];

async function grantAll(kafka: Kafka): Promise<void> {
  const admin = new Client({ brokers: kafka.bootstrap, clientId: 'operator' }).admin();
  await admin.connect();
  const acl = users.flatMap(({ metadata, spec }) =>
    spec.authorization.acls.flatMap(({ resource, operations }) =>
      operations.map((name) => ({
        principal: `User:${metadata.name}`,
        host: '*',
        permissionType: AclPermissionTypes.ALLOW,
        operation: operation(name),
        resourceType: resource.type === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
        resourceName: resource.name,
        resourcePatternType: ResourcePatternTypes.LITERAL,
      })),
    ),
  );
  expect(await admin.createAcls({ acl })).toBe(true);
  await admin.disconnect();
}

/** The lines of the ACL file, as the documentation has an operator write them. */
function documentedAcl(): string {
  const text = readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8');
  const lines = [...text.matchAll(/^user \w+ on .*$/gm)].map(([line]) => line.replace(/>\$\w+/, `>${PASSWORD}`));
  expect(lines).toHaveLength(3);
  return `${lines.join('\n')}\n`;
}

describe('the logins of the production overlay', () => {
  const dir = mkdtempSync(join(tmpdir(), 'assay-logins-'));
  let kafka: Kafka;
  let redis: RedisServer;
  let clickHouse: ClickHouseServer;
  let miner: CpuMiner;
  const services: ServiceServer[] = [];

  const kafkaLogin = (user: string): Record<string, string> => ({
    ASSAY_KAFKA_BROKERS: kafka.secure!.sasl.join(','),
    ASSAY_KAFKA_TLS: 'true',
    ASSAY_KAFKA_TLS_CA_FILE: join(dir, 'ca.crt'),
    ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    ASSAY_KAFKA_SASL_USERNAME: user,
    ASSAY_KAFKA_SASL_PASSWORD_FILE: join(dir, 'password'),
  });
  const redisLogin = (user: string): Record<string, string> => ({
    ASSAY_REDIS_URL: `redis://${user}:${PASSWORD}@127.0.0.1:${redis.port}`,
  });
  const clickHouseLogin = (): Record<string, string> => ({
    ASSAY_CLICKHOUSE_URL: clickHouse.url,
    ASSAY_CLICKHOUSE_USER: clickHouse.username,
    ASSAY_CLICKHOUSE_PASSWORD: clickHouse.password,
  });
  const openLog = (user: string): Promise<KafkaEventLog> =>
    openKafkaEventLog({
      brokers: kafka.secure!.sasl,
      clientId: user,
      clock: systemClock,
      ssl: { ca: kafka.secure!.ca },
      sasl: { mechanism: 'scram-sha-512', username: user, password: PASSWORD },
      limits: { callTimeoutMs: CALL_TIMEOUT_MS },
    });

  beforeAll(async () => {
    writeFileSync(join(dir, 'users.acl'), documentedAcl());
    writeFileSync(join(dir, 'password'), `${PASSWORD}\n`);
    redis = await startRedis({ dir: join(dir, 'redis'), aclFile: join(dir, 'users.acl') });
    clickHouse = await startClickHouse({ dir: join(dir, 'clickhouse') });
    kafka = await startKafka({
      dir: join(dir, 'kafka'),
      brokers: 1,
      user: { username: 'operator', password: PASSWORD },
      moreUsers: users.map(({ metadata }) => ({ username: metadata.name, password: PASSWORD })),
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The listener without a login is the brokers' own here.
        'super.users': 'User:ANONYMOUS;User:operator',
      },
    });
    writeFileSync(join(dir, 'ca.crt'), kafka.secure!.ca);
    await grantAll(kafka);
  }, 180_000);

  afterAll(async () => {
    miner?.close();
    await Promise.all(services.map(({ process }) => process.stop(40_000)));
    await Promise.all([kafka?.stop(), redis?.stop(), clickHouse?.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }, 120_000);

  it('let the migrator make the topics and the tables', () => {
    execFileSync(process.execPath, [join(ROOT, 'services/migrator/dist/main.js')], {
      env: {
        ...kafkaLogin('assay-migrator'),
        ...clickHouseLogin(),
        ASSAY_PARTITIONS: '2',
        ASSAY_KAFKA_REPLICATION: '1',
        ASSAY_MIGRATE_SECONDS: '60',
      },
    });
  });

  it('let a share through, from the miner to ClickHouse', async () => {
    const [stratum, http] = (await freePorts(2)) as [number, number];
    const add = async (service: ServiceName, env: Record<string, string>): Promise<void> => {
      const opsPort = service === 'graphql-gateway' ? http : (await freePorts(1))[0]!;
      const settings = { ASSAY_OPS_PORT: String(opsPort), ASSAY_LOG_LEVEL: 'warn', ...env };
      services.push(new ServiceServer(service, service, opsPort, settings, join(dir, `${service}.log`)));
    };
    await add('stratum-gateway', {
      ...kafkaLogin('assay-gateway'),
      ...redisLogin('assay_reader'),
      ASSAY_STRATUM_PORT: String(stratum),
      ASSAY_SPOOL_DIR: join(dir, 'spool'),
    });
    await add('validator', kafkaLogin('assay-validator'));
    await add('aggregator', { ...kafkaLogin('assay-aggregator'), ...redisLogin('assay'), ...clickHouseLogin() });
    await add('graphql-gateway', {
      ...kafkaLogin('assay-graphql-gateway'),
      ...redisLogin('assay_reader'),
      ...clickHouseLogin(),
      ASSAY_HTTP_PORT: String(http),
    });
    await add('alerter', { ...kafkaLogin('assay-alerter'), ...redisLogin('assay_reader'), ...clickHouseLogin() });
    await Promise.all(services.map(({ process }) => process.start()));
    for (const service of services) {
      const ready = async (): Promise<boolean> => (await service.readiness()).ready;
      // What it is not allowed to do stands in its readiness and its log.
      await waitFor(`${service.name} to be ready`, 60_000, ready).catch(async (error: unknown) => {
        throw new Error(`${JSON.stringify(await service.readiness())}\n${service.process.output}`, { cause: error });
      });
    }

    miner = new CpuMiner({
      port: stratum,
      user: 'acme.north.r1.m1',
      password: 'x,d=0.00001',
      submits: SUBMITS,
      hashRateHs: 200_000,
    });
    await waitFor('every share to be acknowledged', 60_000, () => miner.accepted === SUBMITS);
    await waitFor('every share to be in ClickHouse', 60_000, async () => {
      const [row] = await askSql<{ n: string }>(clickHouse.url, 'SELECT count() AS n FROM assay.shares');
      return Number(row!.n) === SUBMITS;
    });
    // Not from the gateway's disk: it may write to the log.
    const { checks } = await services[0]!.readiness();
    expect(checks['log']).toBe('ok');
  }, 240_000);

  it('let the gateway follow who may ask, and the tool make the first user', async () => {
    const graphql = services.find(({ name }) => name === 'graphql-gateway')!;
    const ask = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ viewer { kind } }' });
      return (await fetch(`${graphql.opsUrl}/graphql`, { method: 'POST', headers, body })).status;
    };
    expect(await ask()).toBe(200);
    const printed = execFileSync(
      process.execPath,
      [join(ROOT, 'services/graphql-gateway/dist/user-main.js'), 'create', 'ann@example.org', 'Ann'],
      { env: kafkaLogin('assay-graphql-gateway'), encoding: 'utf8' },
    );
    await waitFor('the gateway to ask for a login', 10_000, async () => (await ask()) === 401);
    const [, token] = /#invitation=([\w-]+)/.exec(printed)!;
    const accepted = await fetch(`${graphql.opsUrl}/auth/invitation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, password: 'correct horse battery' }),
    });
    expect([accepted.status, accepted.headers.getSetCookie()[0]]).toEqual([
      200,
      expect.stringMatching(/^assay_session=session_/) as string,
    ]);
  });

  it('let the tool for dead letters show what a validator set aside', async () => {
    const operator = await openLog('operator');
    await operator.append(TOPIC.sharesSubmitted, [{ value: new Uint8Array([1]) }], 0).finally(() => operator.close());
    const list = (): string =>
      execFileSync(process.execPath, [join(ROOT, 'services/dead-letters/dist/main.js'), 'list'], {
        env: kafkaLogin('assay-dead-letters'),
        encoding: 'utf8',
      });
    await waitFor('the letter', 60_000, () => {
      try {
        return list().includes('shares.submitted:0:');
      } catch (error) {
        // Nothing there yet.
        if ((error as { status?: unknown }).status === 1) return false;
        throw error;
      }
    });
  });

  it('let nobody write where others do', async () => {
    // Whoever writes by right would move the ends as well.
    miner.close();
    await Promise.all(services.splice(0).map(({ process }) => process.stop(40_000)));
    const forbidden = [
      ['assay-gateway', TOPIC.sharesVerified],
      ['assay-gateway', TOPIC.control],
      ['assay-graphql-gateway', TOPIC.sharesVerified],
      ['assay-aggregator', TOPIC.sharesVerified],
      ['assay-alerter', TOPIC.control],
      ['assay-validator', TOPIC.sharesSubmitted],
      ['assay-validator', TOPIC.upstreamShares],
      ['assay-aggregator', TOPIC.upstreamShares],
      ['assay-validator', TOPIC.workerLatencies],
      ['assay-keda', TOPIC.workerEvents],
    ] as const;
    const operator = await openLog('operator');
    const ends = (): Promise<number[]> =>
      Promise.all(
        forbidden.map(async ([, topic]) => (await operator.bounds(topic, topic === TOPIC.control ? 0 : 1)).end),
      );
    const append = (by: KafkaEventLog, topic: string): Promise<unknown> =>
      by.append(topic, [{ value: new Uint8Array([1]) }], topic === TOPIC.control ? 0 : 1);
    const refused = async ([user, topic]: readonly [string, string]): Promise<void> => {
      const log = await openLog(user);
      await expect(append(log, topic).finally(() => log.close())).rejects.toThrow();
    };
    try {
      const before = await ends();
      await Promise.all(forbidden.map(refused));
      expect(await ends()).toEqual(before);
      // It was not that nobody could.
      await append(operator, TOPIC.sharesVerified);
      expect((await ends())[0]).toBe(before[0]! + 1);
    } finally {
      await operator.close();
    }
  });

  it('do not let KEDA or a gateway read shares', async () => {
    const read = async (user: string): Promise<unknown> => {
      const log = await openLog(user);
      const limits = { maxRecords: 1, maxBytes: 100_000, waitMs: 0 };
      return log.readFrom(TOPIC.sharesVerified, 0, 0, limits).finally(() => log.close());
    };
    await expect(read('assay-keda')).rejects.toThrow();
    await expect(read('assay-gateway')).rejects.toThrow();
    await expect(read('assay-aggregator')).resolves.toBeDefined();
  });

  it('do not let who only reads Redis write to it, nor anybody without a login in', async () => {
    const reader = new Redis(`redis://assay_reader:${PASSWORD}@127.0.0.1:${redis.port}`);
    const nobody = new Redis(redis.url, { enableReadyCheck: false });
    try {
      await expect(reader.hset('{assay:live}:workers', 'a', 'b')).rejects.toThrow('NOPERM');
      await expect(reader.publish('{assay:live}:changes', 'b')).rejects.toThrow('NOPERM');
      await expect(reader.get('elsewhere')).rejects.toThrow('NOPERM');
      await expect(nobody.hgetall('{assay:live}:workers')).rejects.toThrow('NOPERM');
      expect(await nobody.ping()).toBe('PONG');
    } finally {
      reader.disconnect();
      nobody.disconnect();
    }
  });
});

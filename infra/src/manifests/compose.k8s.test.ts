// infra/compose.yaml is what Docker Compose would take, its services would start with what it gives them, and its stores are those of the
// overlay 'dev'. No container is started here.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runTool } from '../fetch-once.ts';
import { OVERLAYS, renderInstallation, REPOSITORY, versionOfRepository } from './installations.ts';
import { asList, asObject, at, textAt, type JsonObject } from './manifest.ts';
import { refusal, tablesOf } from './service-tables.ts';
import { openToolbox, type Toolbox } from './toolbox.ts';
import { mainContainersOf, workloadsOf } from './workloads.ts';

const FILE = join(REPOSITORY, 'infra', 'compose.yaml');
const OURS = ['migrator', 'stratum-gateway', 'validator', 'aggregator', 'graphql-gateway', 'alerter'];
const STORES = ['kafka', 'clickhouse', 'redis'];

let toolbox: Toolbox;
let services: ReadonlyMap<string, JsonObject>;
beforeAll(async () => {
  toolbox = await openToolbox();
  services = await read(FILE);
}, 1_800_000);

async function read(file: string): Promise<Map<string, JsonObject>> {
  const project = JSON.parse(await runTool(toolbox.composeConfig, [file])) as JsonObject;
  return new Map(Object.entries(asObject(project['services'])).map(([name, service]) => [name, asObject(service)]));
}

describe('infra/compose.yaml', () => {
  it('has everything', () => {
    expect([...services.keys()]).toEqual(expect.arrayContaining([...OURS, ...STORES, 'prometheus', 'grafana']));
  });

  it.each([...OURS, 'dead-letters'])('starts %s with settings it takes', (name) => {
    const environment = asObject(services.get(name)!['environment']) as Record<string, string>;
    expect(tablesOf(name)).toBeDefined();
    expect(refusal(name, environment)).toBeUndefined();
  });

  it.each([...OURS, 'dead-letters'])(
    'builds %s at the version of the repository, and runs it as nobody',
    async (name) => {
      const service = services.get(name)!;
      expect(service).toMatchObject({
        image: `assay/${name}:${await versionOfRepository()}`,
        build: { dockerfile: 'infra/docker/Dockerfile', args: { SERVICE: name } },
        user: '65532:65532',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    },
  );

  it('starts services when the migrator has ended, and the migrator when its stores are well', () => {
    for (const name of OURS.slice(1)) {
      expect(at(services.get(name), 'depends_on', 'migrator', 'condition')).toBe('service_completed_successfully');
      expect(at(services.get(name), 'healthcheck', 'test')).toEqual(expect.arrayContaining(['/nodejs/bin/node']));
    }
    for (const store of ['kafka', 'clickhouse'])
      expect(at(services.get('migrator'), 'depends_on', store, 'condition')).toBe('service_healthy');
    for (const store of STORES) expect(at(services.get(store), 'healthcheck', 'test')).toBeDefined();
  });

  it('lets nobody in from other machines', () => {
    const ports = [...services.values()].flatMap((service) => asList(service['ports']));
    expect(ports.length).toBeGreaterThan(4);
    for (const port of ports) expect(port['host_ip']).toBe('127.0.0.1');
  });

  it('mounts files that are there', () => {
    const binds = [...services.values()].flatMap((service) =>
      asList(service['volumes']).filter((volume) => volume['type'] === 'bind'),
    );
    expect(binds.length).toBeGreaterThan(5);
    for (const bind of binds) expect(textAt(bind, 'source')).toSatisfy(existsSync);
  });

  it('lets Prometheus find every service', async () => {
    const { scrape_configs: jobs } = parse(
      await readFile(join(REPOSITORY, 'infra', 'prometheus', 'prometheus.yml'), 'utf8'),
    ) as { scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[] };
    const found = new Map(
      jobs.flatMap((job) => job.dns_sd_configs.map(({ names, port }) => [names[0]!, port] as const)),
    );
    for (const name of OURS.slice(1)) {
      // A service serves its metrics where its health is asked for.
      const asked = JSON.stringify(at(services.get(name), 'healthcheck', 'test'));
      expect(asked).toContain(`127.0.0.1:${found.get(name)}/readyz`);
    }
  });

  it("runs the stores of the overlay 'dev'", async () => {
    const dev = workloadsOf(await renderInstallation(toolbox.kustomize, OVERLAYS[0]!)).flatMap(mainContainersOf);
    for (const store of STORES)
      expect(dev.find(({ name }) => name === store)?.['image']).toBe(services.get(store)!['image']);
  });

  it('gives ClickHouse files that are XML', async () => {
    const files = ['config.xml', 'users.xml'].map((name) => join(REPOSITORY, 'infra', 'clickhouse', name));
    const parsing = 'import sys, xml.dom.minidom\nfor name in sys.argv[1:]: xml.dom.minidom.parse(name)';
    await expect(runTool('python3', ['-c', parsing, ...files])).resolves.toBe('');
  });

  it('would be refused with a field nobody knows', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'assay-compose-'));
    try {
      const file = join(dir, 'compose.yaml');
      await writeFile(file, 'services: { redis: { image: "redis:8.2", health_check: { test: [CMD, "true"] } } }\n');
      await expect(read(file)).rejects.toThrow('services.redis.health_check');
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

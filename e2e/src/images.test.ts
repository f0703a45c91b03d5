// What goes into each container image runs on its own: the folder that scripts/deploy-service.mjs makes, as infra/docker/Dockerfile does,
// started as the image starts it. Whatever is missing in it would be missing in the image. No container is started here.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Each with a setting it takes, and a value that it cannot use. */
const SERVICES = [
  ['stratum-gateway', 'ASSAY_LOG_LEVEL', 'loud'],
  ['validator', 'ASSAY_LOG_LEVEL', 'loud'],
  ['aggregator', 'ASSAY_LOG_LEVEL', 'loud'],
  ['graphql-gateway', 'ASSAY_LOG_LEVEL', 'loud'],
  ['alerter', 'ASSAY_LOG_LEVEL', 'loud'],
  ['migrator', 'ASSAY_LOG_LEVEL', 'loud'],
  ['dead-letters', 'ASSAY_KAFKA_BROKERS', 'nowhere'],
] as const;
/** The largest is the GraphQL gateway's; with the embedded ClickHouse engine in it, it would have 600. */
const MOST_BYTES = 90e6;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-images-'));
  for (const [service] of SERVICES)
    execFileSync(process.execPath, [join(ROOT, 'scripts/deploy-service.mjs'), service, join(dir, service)]);
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const folder = (service: string): string => join(dir, service, 'services', service);

/** Starts it as the image does, with these settings and no others. */
const start = (service: string, env: Record<string, string>, args: readonly string[]) =>
  spawnSync(process.execPath, ['--enable-source-maps', 'dist/main.js', ...args], {
    cwd: folder(service),
    env: { NODE_ENV: 'production', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });

const files = (of: string): string[] =>
  readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe.each(SERVICES)('the image of %s', (service, setting, value) => {
  it('holds all that the service loads: it gets as far as its settings', () => {
    const { status, stderr } = start(service, { [setting]: value }, service === 'dead-letters' ? ['list'] : []);
    expect(stderr).toContain(`${setting}="${value}" cannot be used`);
    expect(stderr).not.toContain('ERR_MODULE_NOT_FOUND');
    expect(status).toBe(1);
  });

  it('holds nothing that only the embedded setting, tests or compilers need', () => {
    const held = files(join(dir, service));
    expect(held.reduce((bytes, file) => bytes + statSync(file).size, 0)).toBeLessThan(MOST_BYTES);
    const unwanted =
      /\/node_modules\/(@?chdb|vitest|typescript|fast-check)\/|\/(libs|services)\/[^/]+\/(src\/|dist\/.*\.test\.js)/;
    expect(held.filter((file) => unwanted.test(file))).toEqual([]);
  });
});

it('the image of the GraphQL gateway holds the dashboard where the gateway looks for it', () => {
  const dashboard = join(dir, 'graphql-gateway', 'services', 'dashboard', 'dist');
  expect(readFileSync(join(dashboard, 'index.html'), 'utf8')).toContain('<title>');
  expect(existsSync(join(dir, 'validator', 'services', 'dashboard'))).toBe(false);
});

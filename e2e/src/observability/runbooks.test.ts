// Runbooks are read when there is no time to find out that a command is wrong: their SQL runs here on the real engine, and settings,
// metrics, scripts, pages and alerts they name are those there are.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRules, KnownMetrics, ROOT } from './known-metrics.ts';

const DIR = `${ROOT}docs/runbooks/`;
const pages = new Map<string, string>();
for (const name of await readdir(DIR)) pages.set(name, await readFile(DIR + name, 'utf8'));
const faults = [...pages.keys()].filter((name) => name !== 'README.md');
const known = new KnownMetrics();

const blocks = (language: string): [string, string][] =>
  [...pages].flatMap(([name, page]) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``, 'g'))].map(
      ([, text], i): [string, string] => [`${name} ${i + 1}`, text!.trim()],
    ),
  );

describe('runbooks', () => {
  it('are at least ten, each with what one needs to know', () => {
    expect(faults.length).toBeGreaterThanOrEqual(10);
    for (const name of faults) {
      const page = pages.get(name)!;
      expect(page, name).toMatch(/\*\*Symptoms\.\*\*/);
      expect(page, name).toMatch(/\*\*What it means\.\*\*/);
      expect(page, name).toMatch(/^## Over when$/m);
    }
  });

  it('are all in the index, and every alert is, with the page it leads to', () => {
    const index = pages.get('README.md')!;
    const rows = [...index.matchAll(/^\| \[.+?\]\(([\w-]+\.md)\)\s*\| (.+?)\s*\|$/gm)];
    expect(rows.map(([, page]) => page).sort()).toEqual([...faults].sort());
    const alerts = allRules().filter(({ alert }) => alert !== undefined);
    for (const { alert, annotations } of alerts) {
      const page = /[\w-]+\.md/.exec(annotations!['runbook_url']!)![0];
      const row = rows.find(([, name]) => name === page)!;
      expect(row[2]!.split(/[ ,]+/), `${alert} in the row of ${page}`).toContain(alert);
    }
    const names = new Set(alerts.map(({ alert }) => alert));
    for (const [name, page] of pages) {
      for (const [alert] of page.matchAll(/\bAssay[A-Z]\w+/g)) expect(names, `${alert} in ${name}`).toContain(alert);
    }
  });

  it('name settings, metrics, scripts and pages that exist', async () => {
    // A test holds this page to the settings tables.
    const settings = await readFile(`${ROOT}docs/settings.md`, 'utf8');
    const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [name, page] of pages) {
      for (const [setting] of page.matchAll(/\bASSAY_\w+/g))
        expect(settings, `${setting} in ${name}`).toContain(`\`${setting}\``);
      for (const [, script] of page.matchAll(/npm run ([\w:-]+)/g))
        expect(Object.keys(scripts), name).toContain(script);
      for (const [, target] of page.matchAll(/\]\(([\w./-]+?)(?:#[\w-]+)?\)/g))
        await expect(
          readdir(DIR + target!).catch(() => readFile(DIR + target!)),
          `${target} in ${name}`,
        ).resolves.toBeDefined();
      for (const [, code] of page.matchAll(/`([^`\n]+)`/g))
        expect(known.unknownIn(code!), `${code} in ${name}`).toEqual([]);
    }
    const promql = blocks('promql');
    expect(promql.length).toBeGreaterThan(5);
    for (const [name, text] of promql) expect(known.unknownIn(text), name).toEqual([]);
  });

  describe('SQL', () => {
    let dataDir: string;
    let server: EmbeddedClickHouse;
    let store: AnalyticsStore;
    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'assay-runbooks-'));
      server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
      store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
      await migrate(store, await loadMigrations(), {
        shares_ttl_days: 3650,
        rollup_1m_ttl_days: 3650,
        rollup_1h_ttl_days: 3650,
        rollup_1d_ttl_days: 3650,
        events_ttl_days: 3650,
      });
      await store.command(`INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, reject_reason, gateway_reject_reason, difficulty, gateway, log_partition, log_offset)
        SELECT 'acme', 'acme.a.' || toString(number), 'sha256d', now() + INTERVAL number MINUTE, 'rejected', 'stale', 'low_difficulty', 1, 'g', 0, number FROM numbers(10)`);
      const job = 'aa'.repeat(32);
      await store.command(`INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at, job_hash, upstream_difficulty)
        VALUES ('pool', 'pool.example:3333', 'g', now() - INTERVAL 1 HOUR, '${job}', 8)`);
      await store.command(`INSERT INTO assay.shares (tenant, worker, submitted_at, verdict, difficulty, share_difficulty, job_hash, hash, gateway)
        VALUES ('acme', 'acme.a.1', now() - INTERVAL 1 MINUTE, 'accepted', 1, 9, '${job}', '${'00'.repeat(32)}', 'g')`);
      await store.command(`INSERT INTO assay.upstream_shares (tenant, worker, source, endpoint, gateway, hash, submitted_at, verdict, reason)
        VALUES ('acme', 'acme.a.1', 'pool', 'pool.example:3333', 'g', '${'01'.repeat(32)}', now(), 'rejected', '21 Job not found')`);
    });
    afterAll(async () => {
      await store.close();
      await server.close();
      await rm(dataDir, { recursive: true });
    });

    it.each(blocks('sql'))('of %s runs', async (_, sql) => {
      const rows = await store.query(sql);
      // Nothing but this test's own query runs, and nothing has been written to ClickHouse's own logs.
      if (!/system\.processes|database = 'system'/.test(sql)) expect(rows.length).toBeGreaterThan(0);
    });
  });
});

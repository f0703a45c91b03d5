// Every query of the dashboards runs: SQL here, on the real engine and as the user who only reads, on some hours of shares whose answers
// are known; PromQL by promtool (promtool.cluster.test.ts), and names here what there is.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate } from '@assay/analytics';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { windowHashRate } from '@assay/rollup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboards, queries, sql, type Datasource, type View } from './dashboards.ts';
import { KnownMetrics, ROOT } from './known-metrics.ts';

type Row = Readonly<Record<string, unknown>>;

/** The first schema of Grafana 12.3, whose container infra/compose.yaml starts. */
const SCHEMA = 42;

describe('dashboards', () => {
  it('have panels that do not overlap, say what they show, and read from sources that are provisioned', async () => {
    const provisioned = parse(await readFile(`${ROOT}infra/grafana/provisioning/datasources/assay.yaml`, 'utf8')) as {
      datasources: Datasource[];
    };
    const sources = provisioned.datasources.map(({ uid, type }) => `${type} ${uid}`);
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual(['assay-data', 'assay-operator']);
    for (const { title, panels, schemaVersion, templating } of dashboards) {
      expect(schemaVersion).toBe(SCHEMA);
      expect(new Set(panels.map(({ id }) => id)).size, title).toBe(panels.length);
      const taken = new Set<string>();
      for (const { title: panel, type, gridPos, description, targets = [], datasource } of panels) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`), `${title}: ${panel} lies on another`).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        if (type === 'row') continue;
        expect(description, `${title}: ${panel}`).toMatch(/\.$/);
        expect(targets.length, `${title}: ${panel}`).toBeGreaterThan(0);
        for (const { uid, type: kind } of [datasource!, ...targets.map((target) => target.datasource)])
          expect(sources, `${title}: ${panel}`).toContain(`${kind} ${uid}`);
      }
      for (const { datasource } of templating.list) expect(sources).toContain(`${datasource.type} ${datasource.uid}`);
    }
  });

  const known = new KnownMetrics();
  it.each(queries('expr'))('%s names metrics and labels that exist', (_, expr) => {
    expect(known.unknownIn(expr)).toEqual([]);
  });
});

/** A worker mines one share of DIFFICULTY every minute; every tenth is rejected as stale. */
const DIFFICULTY = 1024;
const HASHES = DIFFICULTY * (2 ** 48 / 65535);
const WORKERS = ['acme.texas.a1', 'acme.texas.a2', 'acme.oslo.b1', 'globex.main.m1', 'solo'];
const MINUTES = 12 * 60;
const INTERVAL_S = 600;

describe('SQL of the dashboards', () => {
  let dataDir: string;
  let server: EmbeddedClickHouse;
  let view: View;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'assay-dashboards-'));
    server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
    const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
    await migrate(store, await loadMigrations(), {
      shares_ttl_days: 3650,
      rollup_1m_ttl_days: 3650,
      rollup_1h_ttl_days: 3650,
      rollup_1d_ttl_days: 3650,
      events_ttl_days: 3650,
    });
    const minuteS = Math.floor(Date.now() / 60_000) * 60;
    const workers = `[${WORKERS.map((worker) => `'${worker}'`).join(', ')}]`;
    await store.command(`INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, reject_reason, difficulty, share_difficulty, hash, gateway, log_offset)
      SELECT splitByChar('.', worker)[1], worker, 'sha256d', toDateTime(${minuteS}) - INTERVAL number MINUTE, if(number % 10 = 9, 'rejected', 'accepted'), if(number % 10 = 9, 'stale', ''),
        ${DIFFICULTY}, ${DIFFICULTY} * (1 + number), 'ab', 'gateway-1', number
      FROM numbers(${MINUTES}) ARRAY JOIN ${workers} AS worker`);
    await store.command(`INSERT INTO assay.rollup_1m (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, work, work_squared, best_share)
      SELECT tenant, worker, algorithm, toStartOfMinute(submitted_at) AS minute, countIf(verdict = 'accepted'), countIf(verdict = 'rejected'), countIf(reject_reason = 'stale'),
        sumIf(toDecimal128(difficulty, 8), verdict = 'accepted'), sumIf(difficulty * difficulty, verdict = 'accepted'), max(share_difficulty)
      FROM assay.shares GROUP BY tenant, worker, algorithm, minute`);
    // Each says it should do what it does with nine shares of ten, the last two twice that and nothing.
    await store.command(`INSERT INTO assay.workers (tenant, worker, site, first_seen, last_seen, latest)
      SELECT splitByChar('.', worker)[1], worker, splitByChar('.', worker)[2], now(), now(),
        (now(), 'sha256d', 'x', '10.0.0.1', 'gateway-1', ${DIFFICULTY}, multiIf(worker = 'globex.main.m1', 2, worker = 'solo', 0, 1) * ${(HASHES * 0.9) / 60}, 0)
      FROM numbers(1) ARRAY JOIN ${workers} AS worker`);
    await store.close();
    // Six hours that begin and end between two intervals.
    const toS = minuteS - 60;
    const ask = async (query: string): Promise<string[]> => {
      const rows = await answer(sql(query, { ...view, variables: { ...view.variables } }));
      return rows.map((row) => String(Object.values(row)[0]));
    };
    view = { fromS: toS - 6 * 3600, toS, intervalS: INTERVAL_S, variables: {} };
    const { templating } = dashboards.find(({ uid }) => uid === 'assay-data')!;
    for (const { name, query } of templating.list)
      view = { ...view, variables: { ...view.variables, [name]: await ask(query.rawSql) } };
  });

  afterAll(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  /** As anyone on the machine: the user `default`, who only reads. */
  async function answer(query: string): Promise<Row[]> {
    const response = await fetch(`${server.url}/?default_format=JSONEachRow`, { method: 'POST', body: query });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${text}\n${query}`);
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row); // prettier-ignore
  }

  const number = (row: Row | undefined, name: string): number => Number(row?.[name]);
  /** Whole intervals within the view. */
  const whole = (): number => Math.floor(view.toS / INTERVAL_S) - Math.floor(view.fromS / INTERVAL_S) - 1;
  const PER_INTERVAL = (INTERVAL_S / 60) * 0.9;

  const EXPECTATIONS: Readonly<Record<string, (rows: readonly Row[]) => void>> = {
    'Hash rate of the selection, with its 95 % interval': (rows) => {
      expect(rows).toHaveLength(whole());
      for (const row of rows) {
        const shares = WORKERS.length * PER_INTERVAL;
        const exact = windowHashRate({
          algorithm: 'sha256d',
          work: shares * DIFFICULTY,
          workSquared: shares * DIFFICULTY ** 2,
          seconds: INTERVAL_S,
        });
        expect(number(row, 'rate') / exact.hashRateHs).toBeCloseTo(1, 9);
        expect(Math.abs(number(row, 'low') / exact.lowHs - 1)).toBeLessThan(0.01);
        expect(Math.abs(number(row, 'high') / exact.highHs - 1)).toBeLessThan(0.01);
      }
    },
    'Hash rate by tenant': (rows) => {
      expect(rows).toHaveLength(3 * whole());
      for (const row of rows)
        expect(number(row, 'rate') / ((HASHES * PER_INTERVAL) / INTERVAL_S)).toBeCloseTo(
          row['name'] === 'acme' ? 3 : 1,
          9,
        );
    },
    'Hash rate by site': (rows) => {
      expect(new Set(rows.map((row) => row['name']))).toEqual(
        new Set(['acme.texas', 'acme.oslo', 'globex.main', 'solo.']),
      );
      for (const row of rows)
        expect(number(row, 'rate') / ((HASHES * PER_INTERVAL) / INTERVAL_S)).toBeCloseTo(
          row['name'] === 'acme.texas' ? 2 : 1,
          9,
        );
    },
    'Hash rate by tenant over the time shown': (rows) => {
      expect(rows.map((row) => row['tenant'])).toEqual(['acme', expect.any(String), expect.any(String)]);
      expect(Math.abs(number(rows[0], 'rate') / ((3 * HASHES * 0.9) / 60) - 1)).toBeLessThan(0.01);
      for (const row of rows) {
        expect(number(row, 'low')).toBeLessThan(number(row, 'rate'));
        expect(number(row, 'high')).toBeGreaterThan(number(row, 'rate'));
        expect(number(row, 'effective_shares')).toBe(number(row, 'shares'));
      }
    },
    'Workers furthest below expectation': (rows) => {
      expect(rows.map((row) => row['worker'])).toHaveLength(4);
      expect(rows[0]!['worker']).toBe('globex.main.m1');
      expect(number(rows[0], 'part')).toBeCloseTo(0.5, 1);
      for (const row of rows.slice(1)) expect(Math.abs(number(row, 'part') - 1)).toBeLessThan(0.01);
    },
    'Shares by verdict': (rows) => {
      expect(rows).toHaveLength(whole());
      for (const row of rows) {
        expect(number(row, 'accepted_shares') * 60).toBeCloseTo(WORKERS.length * 0.9, 9);
        expect(number(row, 'rejected_shares') * 60).toBeCloseTo(WORKERS.length * 0.1, 9);
      }
    },
    'Rejected shares by reason': (rows) => {
      expect(rows).toHaveLength(whole());
      for (const row of rows) {
        const { time, stale, ...others } = row;
        expect(time).toBeDefined();
        expect(Number(stale) * 60).toBeCloseTo(WORKERS.length * 0.1, 9);
        expect(Object.values(others)).toEqual(new Array(10).fill(0));
      }
    },
    'Workers that mine': (rows) => {
      expect(rows).toHaveLength(whole());
      for (const row of rows) expect(number(row, 'workers')).toBe(WORKERS.length);
    },
    'Stale shares by gateway': (rows) => {
      for (const row of rows.slice(1, -1)) expect(number(row, 'stale')).toBeCloseTo(0.1, 9);
    },
    'Workers with the most rejected shares': (rows) => {
      expect(rows).toHaveLength(WORKERS.length);
      expect(new Set(rows.map((row) => row['reason']))).toEqual(new Set(['stale']));
      expect(Math.abs(number(rows[0], 'rejected_shares') - 36)).toBeLessThanOrEqual(1);
    },
    'Best shares': (rows) => {
      expect(rows).toHaveLength(10);
      const difficulties = rows.map((row) => number(row, 'share_difficulty'));
      expect(difficulties).toEqual([...difficulties].sort((a, b) => b - a));
    },
    'Storage by table': (rows) => {
      const tables = rows.map((row) => row['name']);
      for (const table of ['shares', 'jobs', 'rollup_1m', 'rollup_1h', 'rollup_1d', 'events', 'workers'])
        expect(tables).toContain(table);
      const shares = rows.find((row) => row['name'] === 'shares')!;
      expect(number(shares, 'rows')).toBe(WORKERS.length * MINUTES);
      expect(number(shares, 'bytes')).toBeGreaterThan(0);
      expect(number(shares, 'active_parts')).toBeGreaterThan(0);
    },
    'Newest share': (rows) => {
      expect(number(rows[0], 'seconds')).toBeLessThan(300);
    },
    'Rows written': (rows) => {
      expect(rows).toHaveLength(whole());
      for (const row of rows) expect(number(row, 'shares_per_minute')).toBeCloseTo(WORKERS.length, 9);
    },
  };

  it('offers every tenant and every site to choose from, also of workers without one', () => {
    expect(view.variables).toEqual({ tenant: ['acme', 'globex', 'solo'], site: ['', 'main', 'oslo', 'texas'] });
  });

  it.each(queries('rawSql'))('%s', async (name, query, { format, queryType }) => {
    const rows = await answer(sql(query, view));
    expect(rows.length).toBeGreaterThan(0);
    if (format === 0) {
      expect(queryType).toBe('timeseries');
      for (const row of rows) expect(row['time']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
    EXPECTATIONS[name.split(': ').slice(2).join(': ')]!(rows);
  });
});

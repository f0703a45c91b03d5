// docs/sql.md promises that every query in it runs: here each does, as anyone on the machine, on a day of generated shares whose
// answers are known.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { REJECT_REASONS } from '@assay/mining';
import { windowHashRate } from '@assay/rollup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Row = Readonly<Record<string, unknown>>;

/** A worker mines one share of DIFFICULTY every minute; of every ten, the last is rejected. */
const DIFFICULTY = 1024;
const HASHES_PER_DIFFICULTY = 2 ** 48 / 65535;
const WORKERS = ['acme.texas.a1', 'acme.texas.a2', 'acme.oslo.b1', 'globex.main.m1'];
const MINUTES = 36 * 60;
const GENESIS_HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';
const GENESIS_COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';

const sha256d = (bytes: Uint8Array): Buffer => {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
};

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A share with three merkle branches, hashed by Node: what the query must come to by itself. */
function branchedShare(): { readonly job: Row; readonly share: Row } {
  const coinbase1 = '0a'.repeat(60);
  const coinbase2 = '0b'.repeat(70);
  const extranonce1 = '00c0ffee';
  const extranonce2 = '0000000000000007';
  // A branch that ends in zeros would be cut by anything that takes bytes for text.
  const branches = ['11'.repeat(32), `${'22'.repeat(30)}0000`, '00'.repeat(32)];
  const prevHash = '00000000000000000001'.padEnd(64, 'ab');
  let root = sha256d(Buffer.from(coinbase1 + extranonce1 + extranonce2 + coinbase2, 'hex'));
  for (const branch of branches) root = sha256d(Buffer.concat([root, Buffer.from(branch, 'hex')]));
  const [version, ntime, nonce] = [0x20000000, 1_700_000_000, 256];
  const header = Buffer.concat([
    uint32(version),
    Buffer.from(prevHash, 'hex').reverse(),
    root,
    uint32(ntime),
    Buffer.from('17034219', 'hex').reverse(),
    uint32(nonce),
  ]);
  return {
    job: {
      hash: 'f0'.repeat(32),
      prev_hash: prevHash,
      coinbase1,
      coinbase2,
      merkle_branches: branches.join(''),
      version,
      nbits: '17034219',
      ntime,
    },
    share: {
      job_hash: 'f0'.repeat(32),
      hash: sha256d(header).reverse().toString('hex'),
      extranonce1,
      extranonce2,
      ntime,
      nonce,
      version,
    },
  };
}

const literal = (value: unknown): string => (typeof value === 'number' ? String(value) : `'${String(value)}'`);
const insertRow = (table: string, row: Row): string =>
  `INSERT INTO assay.${table} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`;

async function generate(store: AnalyticsStore): Promise<void> {
  const workers = `[${WORKERS.map(literal).join(', ')}]`;
  // It goes on for two minutes to come, so that every hour looked at is whole however long the tests take.
  await store.command(`INSERT INTO assay.shares
    SELECT splitByChar('.', worker)[1], worker, 'sha256d', toStartOfMinute(now()) - INTERVAL (number - 2) MINUTE + INTERVAL 30 SECOND,
      if(number % 10 = 9, 'rejected', 'accepted'), if(number % 10 = 9, if(number % 20 = 9, 'stale', 'duplicate'), ''),
      if(number = 5, 'low_difficulty', if(number % 10 = 9, if(number % 20 = 9, 'stale', 'duplicate'), '')),
      ${DIFFICULTY}, if(number % 10 = 9, 0, ${DIFFICULTY} * (1 + number)), 0, '', '', '', '', 0, 0, 0, 0, 0, 'gateway-1',
      0, ${MINUTES} - number, 0
    FROM numbers(${MINUTES}) AS n ARRAY JOIN ${workers} AS worker`);
  // One share came two hours late, through a spool.
  await store.command(`INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, difficulty, share_difficulty, gateway, log_partition, log_offset)
    VALUES ('acme', 'acme.texas.a1', 'sha256d', toStartOfHour(now()) - INTERVAL 2 HOUR, 'accepted', 0, 0, 'gateway-2', 0, ${MINUTES + 1})`);
  const genesisJob = { hash: 'ge'.repeat(32), prev_hash: '0'.repeat(64), coinbase1: GENESIS_COINBASE.slice(0, 100), coinbase2: GENESIS_COINBASE.slice(124), merkle_branches: '', version: 1, nbits: '1d00ffff', ntime: 1_231_006_505 }; // prettier-ignore
  const genesisShare = { job_hash: genesisJob.hash, hash: GENESIS_HASH, extranonce1: GENESIS_COINBASE.slice(100, 108), extranonce2: GENESIS_COINBASE.slice(108, 124), ntime: 1_231_006_505, nonce: 2_083_236_893, version: 1 }; // prettier-ignore
  const branched = branchedShare();
  for (const [day, job] of [genesisJob, branched.job].entries()) {
    await store.command(
      insertRow('jobs', {
        ...job,
        algorithm: 'sha256d',
        network_difficulty: 1000 * (day + 1),
        first_seen: `2026-01-0${day + 1} 00:00:00`,
      }),
    );
  }
  for (const share of [genesisShare, branched.share]) {
    const fields = {
      tenant: 'acme',
      worker: 'acme.texas.proof',
      algorithm: 'sha256d',
      verdict: 'accepted',
      difficulty: 0,
      share_difficulty: 1,
      gateway: 'gateway-1',
      log_partition: 1,
      ...share,
    };
    const names = Object.keys(fields).join(', ');
    await store.command(
      `INSERT INTO assay.shares (submitted_at, ${names}) SELECT now() - INTERVAL 1 MINUTE, ${Object.values(fields).map(literal).join(', ')}`,
    );
  }
  const rejects = REJECT_REASONS.filter((reason) => reason !== '');
  const rollUp = (table: string, start: string, extra: string, extraColumn: string): Promise<void> =>
    store.command(`INSERT INTO assay.${table} (tenant, worker, algorithm, at, accepted, rejected, ${rejects.map((reason) => `rejected_${reason}`).join(', ')}, work, work_squared, best_share, first_share, last_share${extraColumn})
      SELECT tenant, worker, algorithm, ${start}(submitted_at) AS bucket, countIf(verdict = 'accepted'), countIf(verdict = 'rejected'), ${rejects.map((reason) => `countIf(reject_reason = '${reason}')`).join(', ')},
        sumIf(toDecimal128(difficulty, 8), verdict = 'accepted'), sumIf(difficulty * difficulty, verdict = 'accepted'), maxIf(share_difficulty, verdict = 'accepted'),
        minIf(toNullable(submitted_at), verdict = 'accepted'), maxIf(toNullable(submitted_at), verdict = 'accepted')${extra}
      FROM assay.shares WHERE gateway = 'gateway-1' AND difficulty > 0 GROUP BY tenant, worker, algorithm, bucket`);
  await rollUp('rollup_1m', 'toStartOfMinute', '', '');
  await rollUp(
    'rollup_1h',
    'toStartOfHour',
    ", groupBitOr(if(verdict = 'accepted', bitShiftLeft(toUInt64(1), toMinute(submitted_at)), 0))",
    ', active_minutes',
  );
  await rollUp(
    'rollup_1d',
    'toStartOfDay',
    ", groupBitOr(if(verdict = 'accepted', bitShiftLeft(toUInt32(1), toHour(submitted_at)), 0))",
    ', active_hours',
  );
  // Each worker says it should do what it does at nine shares of ten, the last one twice that.
  const expected = (DIFFICULTY * HASHES_PER_DIFFICULTY * 0.9) / 60;
  await store.command(`INSERT INTO assay.workers (tenant, worker, site, first_seen, last_seen, latest)
    SELECT splitByChar('.', worker)[1], worker, splitByChar('.', worker)[2], now() - INTERVAL 2 DAY, now(),
      (now(), 'sha256d', if(worker LIKE 'acme%', 'cgminer/4.12.0', 'bosminer/0.9'), '10.0.0.1', 'gateway-1', ${DIFFICULTY}, if(worker = '${WORKERS[3]}', 2, 1) * ${expected}, 0)
    FROM numbers(1) ARRAY JOIN ${workers} AS worker`);
}

/** 200 shares of an upstream's job at 1024, every fourth of which reaches its 4096; what became of those 50, some of it on record twice. */
async function generateUpstream(store: AnalyticsStore): Promise<void> {
  const job = 'aa'.repeat(32);
  const leg = `'pool', 'pool.example:3333', 'gateway-3'`;
  await store.command(
    `INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at, job_hash, upstream_difficulty) SELECT ${leg}, now() - INTERVAL 2 HOUR, '${job}', 4096 FROM numbers(2)`,
  );
  await store.command(`INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, difficulty, share_difficulty, job_hash, hash, gateway, log_partition, log_offset)
    SELECT 'acme', 'acme.texas.a1', 'sha256d', now() - INTERVAL (2 * number + 120) SECOND, 'accepted', ${DIFFICULTY}, if(number % 4 = 3, 8192, ${DIFFICULTY}),
      '${job}', lower(leftPad(hex(number), 64, '0')), 'gateway-3', 2, 1000 - number FROM numbers(200)`);
  const verdicts = `multiIf(row <= 3, 'rejected', row = 4, 'unanswered', row = 5, 'unsent', 'accepted')`;
  // The one at place 50 never came to be on record, and one is on record that nobody verified.
  const put = `INSERT INTO assay.upstream_shares (tenant, source, endpoint, gateway, worker, account, hash, job_hash, upstream_difficulty, submitted_at, sent_at, answered_at, attempts, verdict, reason)
    SELECT tenant, ${leg}, worker, 'farm', hash, job_hash, 4096, submitted_at, if(${verdicts} = 'unsent', toDateTime64(0, 6), submitted_at + INTERVAL 1 MILLISECOND),
      if(${verdicts} IN ('accepted', 'rejected'), submitted_at + INTERVAL 41 MILLISECOND, toDateTime64(0, 6)), if(${verdicts} = 'unsent', 0, if(row = 6, 2, 1)), ${verdicts}, if(row <= 3, '21 Job not found', '')
    FROM (SELECT *, row_number() OVER (ORDER BY hash) AS row FROM assay.shares WHERE gateway = 'gateway-3' AND share_difficulty > 4096) WHERE row < 50`;
  await store.command(put);
  await store.command(put);
  await store.command(`INSERT INTO assay.upstream_shares (tenant, source, endpoint, gateway, worker, account, hash, job_hash, upstream_difficulty, submitted_at, sent_at, answered_at, attempts, verdict)
    SELECT 'acme', ${leg}, 'acme.texas.a1', 'farm', '${'f'.repeat(64)}', '${job}', 4096, now() - INTERVAL 120 SECOND AS at, at, at + INTERVAL 40 MILLISECOND, 1, 'accepted'`);
}

const number = (row: Row | undefined, name: string): number => Number(row?.[name]);

/** What each query must say of the day generated above. */
const EXPECTATIONS: Readonly<Record<string, (rows: readonly Row[]) => void>> = {
  'hash rate with interval': (rows) => {
    expect(rows).toHaveLength(WORKERS.length);
    const exact = windowHashRate({
      algorithm: 'sha256d',
      work: 54 * DIFFICULTY,
      workSquared: 54 * DIFFICULTY ** 2,
      seconds: 3600,
    });
    for (const row of rows) {
      expect(number(row, 'effective_shares')).toBe(54);
      expect(number(row, 'terahash_per_second') / (exact.hashRateHs / 1e12)).toBeCloseTo(1, 9);
      // The document says that the approximation is within 1 %.
      expect(Math.abs(number(row, 'low') / (exact.lowHs / 1e12) - 1)).toBeLessThan(0.01);
      expect(Math.abs(number(row, 'high') / (exact.highHs / 1e12) - 1)).toBeLessThan(0.01);
    }
  },
  'invalid shares by reason': (rows) => {
    expect(rows.map((row) => `${String(row['tenant'])} ${String(row['reject_reason'])}`).sort()).toEqual([
      'acme duplicate',
      'acme stale',
      'globex duplicate',
      'globex stale',
    ]);
    for (const row of rows) expect(number(row, 'percent_of_rejected')).toBeCloseTo(50, 0);
    expect(number(rows[0], 'workers')).toBe(3);
  },
  'stale shares by gateway': (rows) => {
    const whole = rows.filter((row) => row['gateway'] === 'gateway-1').slice(1, -1);
    expect(whole.length).toBeGreaterThanOrEqual(22);
    for (const row of whole) expect(number(row, 'stale_percent')).toBeCloseTo(5, 0);
  },
  'contribution against expectation': (rows) => {
    expect(rows).toHaveLength(WORKERS.length);
    for (const row of rows) expect(number(row, 'percent')).toBeCloseTo(row['worker'] === WORKERS[3] ? 50 : 100, 0);
  },
  'daily hashes per tenant': (rows) => {
    const sum = (tenant: string, column: string): number =>
      rows.filter((row) => row['tenant'] === tenant).reduce((total, row) => total + number(row, column), 0);
    expect(sum('acme', 'shares')).toBe(3 * MINUTES * 0.9);
    expect(sum('globex', 'difficulty')).toBe(MINUTES * 0.9 * DIFFICULTY);
    expect(sum('globex', 'hashes') / (MINUTES * 0.9 * DIFFICULTY * HASHES_PER_DIFFICULTY)).toBeCloseTo(1, 9);
  },
  'best shares': (rows) => {
    expect(rows).toHaveLength(10);
    expect(number(rows[0], 'times_assigned')).toBe(MINUTES - 1);
    expect(rows.map((row) => number(row, 'share_difficulty'))).toEqual(
      rows.map((row) => number(row, 'share_difficulty')).sort((a, b) => b - a),
    );
  },
  uptime: (rows) => {
    expect(rows).toHaveLength(WORKERS.length);
    // Nine minutes of ten have an accepted share.
    for (const row of rows) expect(Math.abs(number(row, 'uptime_percent') - 90)).toBeLessThan(0.5);
  },
  'network difficulty trend': (rows) => {
    expect(rows.map((row) => row['at_end'])).toEqual([1000, 2000]);
    expect(rows[1]!['change_percent']).toBe(100);
  },
  'late shares': (rows) => {
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ gateway: 'gateway-2', late_shares: '1' });
    expect(number(rows[0], 'latest_by_seconds')).toBeGreaterThan(6000);
  },
  'hash shares again': (rows) => {
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row['agrees']).toBe(1);
    expect(rows.map((row) => row['computed_hash'])).toContain(GENESIS_HASH);
  },
  'top user agents': (rows) => {
    expect(rows.map((row) => [row['agent'], Number(row['workers']), Number(row['tenants'])])).toEqual([['cgminer/4.12.0', 3, 1], ['bosminer/0.9', 1, 1]]); // prettier-ignore
  },
  'gateway and validator disagree': (rows) => {
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      gateway_reject_reason: 'low_difficulty',
      reject_reason: '',
      shares: String(WORKERS.length),
    });
  },
  'verified beside credited': (rows) => {
    const sum = (column: string): number => rows.reduce((total, row) => total + number(row, column), 0);
    const counts = ['verified', 'qualifying', 'passed_on', 'credited', 'rejected', 'unanswered', 'unsent', 'not_forwarded', 'not_verified']; // prettier-ignore
    expect(counts.map(sum)).toEqual([200, 50, 49, 45, 3, 1, 1, 1, 1]);
    for (const row of rows) {
      expect(row['source']).toBe('pool');
      expect(number(row, 'answer_ms_p50')).toBeCloseTo(40, 6);
      const ratio = number(row, 'credited_terahash_per_second') / number(row, 'verified_terahash_per_second');
      expect(ratio).toBeCloseTo(number(row, 'credited_of_verified'), 4);
      expect(ratio).toBeGreaterThan(0);
    }
    // A day that has just begun splits them over two rows.
    if (rows.length > 1) return;
    expect(number(rows[0], 'credited_of_verified')).toBeCloseTo((45 * 4096) / (200 * DIFFICULTY), 4);
    expect(number(rows[0], 'rejected_percent')).toBeCloseTo((100 * 3) / 49, 3);
  },
  'upstream rejects by reason': (rows) => {
    expect(rows).toMatchObject([
      { source: 'pool', reason: '21 Job not found', shares: '3', difficulty_lost: 3 * 4096 },
    ]);
  },
  'upstream legs': (rows) => {
    expect(rows).toMatchObject([{ gateway: 'gateway-3', endpoint: 'pool.example:3333', account: 'farm', shares: '49', credited: '45', resent: '1', lost: '1' }]); // prettier-ignore
    expect(number(rows[0], 'answer_ms_p99')).toBeCloseTo(40, 6);
    expect(number(rows[0], 'passed_on_after_ms')).toBeGreaterThan(0.9);
  },
  'upstream differences': (rows) => {
    const standings = rows.map((row) => String(row['standing']));
    expect(standings.sort()).toEqual(['not_forwarded', 'not_verified', 'rejected', 'rejected', 'rejected', 'unanswered', 'unsent']); // prettier-ignore
  },
};

const blocks = [
  ...(await readFile(new URL('../../docs/sql.md', import.meta.url), 'utf8')).matchAll(
    /```sql\n-- (.+)\n([\s\S]+?)```/g,
  ),
];

describe('docs/sql.md', () => {
  let dataDir: string;
  let server: EmbeddedClickHouse;
  let store: AnalyticsStore;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'assay-sql-docs-'));
    server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
    store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
    await migrate(store, await loadMigrations(), {
      shares_ttl_days: 3650,
      rollup_1m_ttl_days: 3650,
      rollup_1h_ttl_days: 3650,
      rollup_1d_ttl_days: 3650,
      events_ttl_days: 3650,
    });
    await generate(store);
    await generateUpstream(store);
  });

  afterAll(async () => {
    await store.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  it('has the queries that are expected here, and no others', () => {
    expect(blocks.map(([, name]) => name)).toEqual(Object.keys(EXPECTATIONS));
    expect(blocks.length).toBeGreaterThanOrEqual(10);
  });

  it.each(blocks.map(([, name, sql]) => [name!, sql!]))('%s', async (name, sql) => {
    const answer = await fetch(`${server.url}/?default_format=JSONEachRow`, { method: 'POST', body: sql });
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
    expect(rows.length).toBeGreaterThan(0);
    EXPECTATIONS[name]!(rows);
  });
});

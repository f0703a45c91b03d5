import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({
    limits: { outsideSeconds: 1, outsideMemoryBytes: 100 * 2 ** 20, bufferedResultBytes: 2 ** 20 },
  });
  await server.inside(
    "CREATE TABLE assay.t (a UInt64, s String, at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY a",
  );
  await server.inside(
    "INSERT INTO assay.t SELECT number, toString(number), toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + number FROM numbers(10)",
  );
  await server.inside('CREATE TABLE default.secret (key String) ENGINE = MergeTree ORDER BY key');
  await server.inside("INSERT INTO default.secret VALUES ('hunter2')");
});
afterAll(() => server.stop());

/** Every place an expression can stand in, each with a function that reads a file. `?` is the expression. */
const PLACES = [
  'SELECT ?',
  'SELECT length(upper(?))',
  'SELECT arrayMap(x -> concat(x, ?), [1])',
  'SELECT * REPLACE (? AS s) FROM t',
  "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
  'SELECT COLUMNS(a) APPLY(x -> ?) FROM t',
  "SELECT COLUMNS('s') APPLY(file) FROM (SELECT '/etc/passwd' AS s)",
  'SELECT DISTINCT ON (?) a FROM t',
  'WITH ? AS f SELECT f',
  'WITH (SELECT ?) AS f SELECT f',
  'WITH f AS (SELECT ?) SELECT * FROM f',
  'WITH (x -> ?) AS f SELECT f(1)',
  "SELECT CASE WHEN ? = '' THEN 1 ELSE 2 END",
  "SELECT a FROM t PREWHERE ? != ''",
  "SELECT a FROM t WHERE ? != ''",
  'SELECT count() FROM t GROUP BY ?',
  'SELECT a FROM t GROUP BY GROUPING SETS ((a), (?))',
  "SELECT count() FROM t HAVING ? != ''",
  "SELECT a FROM t QUALIFY ? != ''",
  'SELECT a FROM t ORDER BY ?',
  'SELECT a FROM t ORDER BY a WITH FILL FROM length(?) TO 10',
  'SELECT a, s FROM t ORDER BY a WITH FILL INTERPOLATE (s AS ?)',
  'SELECT a FROM t LIMIT length(?)',
  'SELECT a FROM t LIMIT 1 OFFSET length(?)',
  'SELECT a FROM t LIMIT 1 BY ?',
  'SELECT sum(a) OVER (PARTITION BY ? ORDER BY a) FROM t',
  'SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN length(?) PRECEDING AND CURRENT ROW) FROM t',
  'SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY ?)',
  "SELECT sum(a) FILTER (WHERE ? != '') FROM t",
  'SELECT quantile(length(?))(a) FROM t',
  'SELECT a FROM t ARRAY JOIN [?] AS z',
  'SELECT * FROM t AS x JOIN t AS y ON ? = y.s',
  'SELECT * FROM numbers(length(?))',
  "SELECT * FROM values('a String', ?)",
  'SELECT * FROM view(SELECT ?)',
  'SELECT * FROM (SELECT ?)',
  'SELECT 1 UNION ALL SELECT length(?)',
  'SELECT 1 INTERSECT SELECT length(?)',
  'SELECT 1 IN (SELECT length(?))',
  'SELECT exists(SELECT ?)',
  'SELECT a FROM t SAMPLE length(?)',
  'DESCRIBE (SELECT ?)',
  'EXPLAIN SELECT ?',
  'EXPLAIN SYNTAX SELECT ?',
  'EXPLAIN PLAN actions = 1 SELECT ?',
  "SHOW TABLES WHERE ? != ''",
  "SHOW COLUMNS FROM t WHERE ? != ''",
  'SELECT {x:String} || ?',
  'SELECT ?::String',
  'SELECT INTERVAL length(?) DAY',
  'SELECT /* hidden */ ? -- comment',
];

describe('the outside cannot read files of the machine', () => {
  it.each(PLACES)('%s', async (place) => {
    for (const call of [
      "file('/etc/passwd')",
      "FILE('/etc/passwd')",
      "`file`('/etc/passwd')",
      "catboostEvaluate('/etc/passwd', 1)",
    ]) {
      const { status, text } = await server.request(place.replaceAll('?', call), { parameters: { param_x: 'y' } });
      expect(text).not.toContain('root:');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).toMatch(/^Code: (497|62|36|440)\. /);
    }
  });

  it.each([
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM default.`/etc/passwd`',
    'DESCRIBE default.`/etc/passwd`',
    'SELECT 1 IN default.`/etc/passwd`',
  ])('as a table: %s', async (sql) => {
    const { status, text } = await server.request(sql);
    expect(text).not.toContain('root:');
    expect(status).toBeGreaterThanOrEqual(400);
  });
});

const TABLE_FUNCTIONS =
  `file('/etc/passwd', 'LineAsString'), url('http://127.0.0.1:1/', 'LineAsString'), remote('127.0.0.1', 'default', 'secret'),
  remoteSecure('127.0.0.1', 'default', 'secret'), cluster('default', default.secret), clusterAllReplicas('default', default.secret), s3('http://127.0.0.1:1/b/x.csv'),
  gcs('http://127.0.0.1:1/b/x.csv'), hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a Int8'), mysql('127.0.0.1:1', 'a', 'b', 'c', 'd'), postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd'),
  mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'x Int8'), redis('127.0.0.1:1', 'a', 'a String, b String'), sqlite('/tmp/x.db', 't'), odbc('DSN=x', 'a', 'b'), jdbc('x', 'a', 'b'),
  executable('cat', 'CSV', 'a String'), dictionary('x'), merge('default', '.*'), merge('system', '.*'), loop(default.secret), input('a Int8'), python('x'), arrowstream('x'),
  iceberg('http://127.0.0.1:1/x'), icebergLocal('/tmp'), deltaLake('http://127.0.0.1:1/x'), deltaLakeLocal('/tmp'), hudi('http://127.0.0.1:1/x'), azureBlobStorage('x', 'y', 'z'),
  fuzzJSON('x'), fuzzQuery('SELECT 1'), eval('SELECT 1'), format(CSV, '1,2'), filesystem('/'), generateRandom('a Int8'), mergeTreeIndex('assay', 't'),
  mergeTreeProjection('assay', 't', 'x'), viewExplain('EXPLAIN', '', (SELECT 1)), viewIfPermitted(SELECT 1 ELSE null('x Int8')), timeSeriesData('assay', 't')`
    .split(/,\s+(?=[a-z]\w+\()/i)
    .map((call) => call.trim());

describe('the outside cannot leave by a table function', () => {
  it.each(TABLE_FUNCTIONS)('%s', async (call) => {
    for (const sql of [
      `SELECT * FROM ${call}`,
      `DESCRIBE TABLE ${call}`,
      `SELECT 1 IN (SELECT * FROM ${call})`,
      `SELECT count() FROM t JOIN ${call} AS u ON 1 = 1`,
    ]) {
      const { status, text } = await server.request(sql);
      expect(text).not.toMatch(/hunter2|root:/);
      expect(text).toMatch(/^Code: (497|62)\. /);
      expect(status === 403 || status === 400).toBe(true);
    }
  });

  it('makes no connection while refusing', async () => {
    let connections = 0;
    const listener = createServer((_, response) => response.end('1')).on('connection', () => connections++);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    for (const sql of [
      `SELECT * FROM url('${url}', 'CSV', 'a Int8')`,
      `DESCRIBE url('${url}')`,
      `EXPLAIN SELECT * FROM url('${url}')`,
      `SELECT * FROM s3('${url}b/x.csv')`,
      `SELECT hasColumnInTable('${url}', 'a', 'b', 'c')`,
    ]) {
      expect((await server.request(sql)).status).toBe(403);
    }
    expect(connections).toBe(0);
    await new Promise((resolve) => listener.close(resolve));
  });
});

describe('the outside cannot change or reach anything else', () => {
  it.each([
    'INSERT INTO t (a) VALUES (1)', 'INSERT INTO t SELECT * FROM t', 'INSERT INTO t FORMAT CSV\n1,2', "INSERT INTO FUNCTION file('/tmp/assay-hostile', 'CSV', 'a Int8') SELECT 1",
    'CREATE TABLE x (a Int8) ENGINE = Memory', 'CREATE TEMPORARY TABLE x (a Int8)', 'CREATE VIEW v AS SELECT 1', 'CREATE FUNCTION f AS x -> x', 'CREATE DATABASE x', 'DROP TABLE t', 'DROP DATABASE assay',
    'TRUNCATE TABLE t', 'ALTER TABLE t DELETE WHERE 1', 'DELETE FROM t WHERE 1', 'UPDATE t SET a = 1 WHERE 1', 'OPTIMIZE TABLE t FINAL', 'RENAME TABLE t TO u', 'EXCHANGE TABLES t AND t', 'DETACH TABLE t', 'ATTACH TABLE t',
    'SET max_memory_usage = 0', 'SET ROLE inside', 'SET ROLE ALL', "SET PROFILE 'default'", 'USE system', 'GRANT inside TO default', 'CREATE USER x', 'EXECUTE AS default SELECT 1',
    'KILL QUERY WHERE 1', 'SYSTEM SHUTDOWN', 'SYSTEM FLUSH LOGS', 'SYSTEM DROP MARK CACHE', "BACKUP TABLE t TO File('/tmp/assay-hostile')", 'CHECK TABLE t', 'BEGIN TRANSACTION', 'SELECT 1 PARALLEL WITH DROP TABLE t',
    'SHOW PROCESSLIST', 'SHOW GRANTS', 'SHOW ACCESS', 'SHOW CREATE USER default', 'SHOW USERS', "SELECT 1 INTO OUTFILE '/tmp/assay-hostile'", "SELECT 1 INTO OUTFILE '/tmp/assay-hostile' APPEND FORMAT CSV",
    "EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'a', 'b', 'c', 'd') COLUMNS (x Int8)",
  ])('%s', async (sql) => {
    const { status, text } = await server.request(sql);
    expect(text).toMatch(/^Code: (164|497|62|48)\. /);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(existsSync('/tmp/assay-hostile')).toBe(false);
    expect(await server.inside('SELECT count() FROM assay.t')).toBe('10\n');
  }); // prettier-ignore

  it.each([
    'SELECT * FROM default.secret', 'SELECT * FROM secret', 'SELECT key FROM merge(default, secret)', 'SELECT 1 IN default.secret', "SELECT 'hunter2' IN (SELECT key FROM default.secret)", 'DESCRIBE default.secret',
    'SHOW CREATE TABLE default.secret', 'EXPLAIN SELECT * FROM default.secret WHERE key > 1', "SELECT joinGet('default.secret', 'key', 1)", "SELECT dictGet('default.secret', 'key', 1)", 'SELECT * FROM assay.t JOIN default.secret ON 1 = 1',
    'SELECT * FROM system.processes', 'SELECT * FROM system.user_processes', 'SELECT 1 IN system.processes', 'SELECT 1 IN `system`.`processes`', 'SELECT * FROM system . processes', 'SELECT * FROM SYSTEM.processes',
    'SELECT * FROM system.query_log', 'SELECT * FROM system.users', 'SELECT * FROM system.server_settings', 'SELECT * FROM system.stack_trace', 'SELECT * FROM system.disks', 'SELECT * FROM system.parts', 'SELECT * FROM system.merges',
    'SELECT * FROM system.certificates', 'SELECT * FROM system.named_collections', 'SELECT * FROM system.backups', 'SELECT * FROM system.grants', 'SELECT getServerSetting(\'path\')', "SELECT getSetting('log_comment')", 'SELECT hostName()', 'SELECT sleep(1)',
    'SELECT getClientHTTPHeader(\'x\')', 'SELECT currentQueryID()', "SELECT aiGenerate('x')", "SELECT showCertificate()",
  ])('%s', async (sql) => {
    const { status, text } = await server.request(sql);
    expect(text).not.toContain('hunter2');
    expect(text).toMatch(/^Code: (497|60|46|81|48|47|279|62|36|206)\. /);
    expect(status).toBeGreaterThanOrEqual(400);
  }); // prettier-ignore

  it('finds tables of system neither by parameter nor by database', async () => {
    const byParameter = await server.request('SELECT * FROM {d:Identifier}.{t:Identifier}', {
      parameters: { param_d: 'system', param_t: 'processes' },
    });
    expect(byParameter.text).toMatch(/^Code: 497/);
    for (const database of ['system', 'SYSTEM'])
      expect((await server.request('SELECT * FROM processes', { parameters: { database } })).text).toMatch(
        /^Code: 497/,
      );
    expect((await server.request('SELECT * FROM secret', { parameters: { database: 'default' } })).text).toMatch(
      /^Code: (497|60)/,
    );
  });

  it('sees no name of what it may not read', async () => {
    const { text } = await server.request(
      "SELECT name FROM system.tables WHERE database NOT IN ('system') UNION ALL SELECT name FROM system.databases UNION ALL SELECT table FROM system.columns WHERE database != 'system'",
    );
    expect(text).toContain('t\n');
    expect(text).not.toContain('secret');
  });

  it('runs one statement at a time, whatever hides the second', async () => {
    for (const sql of [
      'SELECT 1; SELECT 2',
      'SELECT 1;DROP TABLE assay.t',
      'SELECT 1 /* */ ; /* */ SELECT 2',
      "SELECT ';' ; SELECT 2",
      'SELECT 1 FORMAT CSV\n; SELECT 2',
      'SELECT 1 -- x\n; SELECT 2',
    ]) {
      expect((await server.request(sql)).text).toMatch(/^Code: 62\. /);
    }
    expect((await server.request('SELECT 1\0; DROP TABLE assay.t')).text).toMatch(/^Code: 62\. /);
    expect((await server.request("SELECT ';' AS a, '--' AS b; -- ; end")).text).toBe(';\t--\n');
  });

  it('changes settings only as far as the answer looks', async () => {
    for (const [name, value] of [['readonly', '0'], ['allow_ddl', '1'], ['max_query_size', '1'], ['format_schema', '/etc/passwd'], ['format_template_row', '/etc/passwd'], ['output_format_schema', '/tmp/assay-hostile'], ['insert_deduplication_token', 'x'], ['log_queries_x', '1'], ['use_query_cache', '1']]) {
      expect((await server.request('SELECT 1', { parameters: { [name!]: value! } })).text).toMatch(/^Code: (164|497)\. /);
    }
    for (const setting of ['readonly = 0', 'max_memory_usage = 0', 'max_execution_time = 0', "format_template_row = '/etc/passwd'", "log_comment = 'x'"]) {
      expect((await server.request(`SELECT 1 SETTINGS ${setting}`)).text).toMatch(/^Code: 164\. /);
    }
    const quoted = await server.request('SELECT toUInt64(1) AS x FORMAT JSONEachRow', { parameters: { output_format_json_quote_64bit_integers: '0', readonly: '2', max_threads: '64' } });
    expect(quoted.text).toBe('{"x":1}\n');
    // The next request is back at the server's own.
    expect((await server.request('SELECT toUInt64(1) AS x FORMAT JSONEachRow')).text).toBe('{"x":"1"}\n');
  }); // prettier-ignore
});

describe('the outside has bounds', () => {
  it('in time, also asked for more, also where the engine does not look', async () => {
    for (const parameters of [{}, { max_execution_time: '0' }, { max_execution_time: '3600' }] as Record<
      string,
      string
    >[]) {
      const { status, text } = await server.request('SELECT sum(sipHash64(number)) FROM numbers(100000000000)', {
        parameters,
      });
      expect(text).toMatch(/^Code: 159\. /);
      expect(status).toBe(408);
    }
    expect((await server.request('SELECT count() FROM system.numbers')).text).toMatch(/^Code: 159\. /);
    expect((await server.request('SELECT (SELECT sum(sipHash64(number)) FROM numbers(100000000000))')).text).toMatch(
      /^Code: 159\. /,
    );
  });

  it('in memory, also asked for more', async () => {
    for (const parameters of [{}, { max_memory_usage: '0' }] as Record<string, string>[]) {
      expect(
        (await server.request("SELECT length(groupArray(repeat('x', 100000))) FROM numbers(1000000)", { parameters }))
          .text,
      ).toMatch(/^Code: 241\. /);
    }
  });

  it('in the size of an answer that is one document', async () => {
    const { status, text } = await server.request('SELECT number, toString(number) FROM numbers(1000000) FORMAT JSON');
    expect(text).toMatch(/^Code: 396\. /);
    expect(status).toBe(500);
  });

  it('in the length of a query', async () => {
    const { status, text } = await server.request(`SELECT '${'x'.repeat(300_000)}'`);
    expect(text).toMatch(/^Code: 229\. /);
    expect(status).toBe(413);
  });
});

describe('the outside can ask what data teams and Grafana ask', () => {
  it.each([
    ['SELECT count() FROM t', '10\n'],
    ['SELECT count() FROM assay.t', '10\n'],
    ['SELECT version() != \'\', timezone(), currentDatabase(), currentUser()', '1\tUTC\tassay\tdefault\n'],
    ['SHOW TABLES', 't\n'],
    ['SHOW TABLES FROM assay LIKE \'t%\'', 't\n'],
    ['SHOW DATABASES', 'assay\n'],
    ['EXISTS TABLE t', '1\n'],
    ['SELECT name FROM system.columns WHERE table = \'t\' ORDER BY position', 'a\ns\nat\n'],
    ['SELECT table_name FROM information_schema.tables', 't\n'],
    ['SELECT count(DISTINCT a), avgOrNull(a), sumIf(a, a > 5), max(a) FROM t', '10\t4.5\t30\t9\n'],
    ['SELECT uniqExactMerge(x) FROM (SELECT uniqExactState(a) AS x FROM t GROUP BY s)', '10\n'],
    ['SELECT toStartOfInterval(at, INTERVAL 5 SECOND) AS t1, count() FROM t GROUP BY t1 ORDER BY t1', '2026-01-01 00:00:00\t5\n2026-01-01 00:00:05\t5\n'],
    ['SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t ORDER BY a LIMIT 2', '0\t0\n1\t1\n'],
    ['SELECT lag(a) OVER (ORDER BY a) FROM t ORDER BY a LIMIT 2', '0\n0\n'],
    ['SELECT splitByChar(\'.\', \'a.b\')[2], a IN (1, 2), s LIKE \'1%\', CAST(a AS String), a::Int8, CASE WHEN a = 1 THEN \'x\' END FROM t WHERE a = 1', 'b\t1\t1\t1\t1\tx\n'],
    ['WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT groupArray(n) FROM r', '[1,2,3]\n'],
    ['SELECT x.a FROM t AS x ASOF JOIN t AS y ON x.s = y.s AND x.a >= y.a WHERE x.a = 3', '3\n'],
    ['SELECT a FROM t WHERE a IN (SELECT a FROM t WHERE a = 7) AND EXISTS (SELECT 1)', '7\n'],
    ['SELECT lower(hex(reverse(SHA256(SHA256(unhex(\'00\'))))))', '9a538906e6466ebd2617d321f71bc94e56056ce213d366773699e28158e00614\n'],
    ['SELECT * FROM numbers(2)', '0\n1\n'],
    ['SELECT a FROM t ORDER BY a LIMIT 1 WITH TIES', '0\n'],
    ['SELECT arrayStringConcat(arrayMap(x -> toString(x), range(3)), \',\')', '0,1,2\n'],
    ['SELECT {a:UInt64} + 1', '42\n'],
  ])('%s', async (sql, answer) => {
    const { text } = await server.request(sql, { parameters: { param_a: '41' } });
    expect(text).toBe(answer);
  }); // prettier-ignore
});

describe('who gets in', () => {
  it('with a password, by every way ClickHouse knows', async () => {
    const { username, password } = server.clickhouse;
    const write = 'CREATE TABLE IF NOT EXISTS assay.by_inside (a Int8) ENGINE = Memory';
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    expect((await server.request(write, { headers: { Authorization: basic } })).status).toBe(200);
    expect(
      (await server.request(write, { headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password } }))
        .status,
    ).toBe(200);
    expect((await server.request(write, { parameters: { user: username, password } })).status).toBe(200);
  });

  it('not with a wrong one, nor as somebody else', async () => {
    for (const [user, password] of [
      ['assay', ''],
      ['assay', 'x'],
      ['default', 'x'],
      ['admin', ''],
      ['', ''],
    ]) {
      const { status, text } = await server.request('SELECT 1', { parameters: { user: user!, password: password! } });
      expect(text).toMatch(/^Code: 516\. /);
      expect(status).toBe(403);
    }
    expect((await server.request('SELECT 1', { headers: { Authorization: 'Bearer x' } })).text).toMatch(
      /^Code: 516\. /,
    );
  });

  it('not by a name of somebody else for this machine', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number>((resolve, reject) => {
      request(
        {
          host: '127.0.0.1',
          port: server.clickhouse.port,
          path: '/?query=SELECT%201',
          headers: { Host: 'rebound.example:8123' },
        },
        (answer) => resolve(answer.statusCode!),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('only our services, when the outside is closed; and with a password of its own, when it has one', async () => {
    const closed = await TestServer.start({ users: { outside: false } });
    expect((await closed.request('SELECT 1')).status).toBe(403);
    expect(await closed.inside('SELECT 1')).toBe('1\n');
    await closed.stop();
    const named = await TestServer.start({
      users: { outside: { username: 'grafana', password: 'pässword', databases: ['assay'] } },
    });
    expect((await named.request('SELECT 1')).status).toBe(403);
    expect((await named.request('SELECT 1', { parameters: { user: 'grafana', password: 'pässword' } })).text).toBe(
      '1\n',
    );
    expect(
      (await named.request('DROP DATABASE assay', { parameters: { user: 'grafana', password: 'pässword' } })).status,
    ).toBe(403);
    await named.stop();
  });

  it('without leaving anything in the spool', async () => {
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(join(server.dataDir, 'spool'))).toEqual([]);
  });
});

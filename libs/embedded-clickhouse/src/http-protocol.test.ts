import { deflateSync, gunzipSync, gzipSync, brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ClickHouseClient, ResponseJSON } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer, until } from './test-server.ts';

let server: TestServer;
let client: ClickHouseClient;
beforeAll(async () => {
  server = await TestServer.start();
  client = server.client();
});
afterAll(() => server.stop());

const running = async (): Promise<string> =>
  server.inside("SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'");

describe('the unmodified client', { timeout: 120_000 }, () => {
  it('pings, with and without a query', async () => {
    expect((await client.ping()).success).toBe(true);
    expect((await client.ping({ select: true })).success).toBe(true);
  });

  it('binds parameters of every shape', async () => {
    const result = await client.query({
      query:
        'SELECT {s:String} AS s, {n:Nullable(String)} AS n, {a:Array(Nullable(String))} AS a, {d:DateTime64(3)} AS d, {m:Map(String, UInt8)} AS m, {i:Int64} AS i, {t:Identifier} AS t FROM (SELECT 7 AS seven)',
      query_params: {
        s: `it's\n\t\\ 'x' \u{1f4a5}`,
        n: null,
        a: ['x', null, `'`],
        d: new Date(1_700_000_000_123),
        m: { k: 1 },
        i: -5n,
        t: 'seven',
      },
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([
      {
        s: `it's\n\t\\ 'x' \u{1f4a5}`,
        n: null,
        a: ['x', null, `'`],
        d: '2023-11-14 22:13:20.123',
        m: { k: 1 },
        i: '-5',
        t: 7,
      },
    ]);
  });

  it('sends parameters that are many, as a form or in the URL', async () => {
    for (const [count, form] of [
      [50_000, true],
      [20_000, false],
    ] as const) {
      const values = Array.from({ length: count }, (_, i) => `worker-${i + 1}`);
      const result = await client.query({
        query: 'SELECT length({v:Array(String)}) AS n, {v:Array(String)}[-1] AS last',
        query_params: { v: values },
        format: 'JSONEachRow',
        use_multipart_params: form,
      });
      expect(await result.json()).toEqual([{ n: String(count), last: `worker-${count}` }]);
    }
  });

  it('sets settings for one query only', async () => {
    const ask = async (settings: Record<string, string>): Promise<unknown> =>
      (
        await client.query({
          query: "SELECT toString(getSetting('max_threads')) AS threads, getSetting('join_use_nulls') AS nulls",
          clickhouse_settings: settings,
          format: 'JSONEachRow',
        })
      ).json();
    const before = await ask({});
    expect(await ask({ max_threads: '7', join_use_nulls: '1' })).toEqual([{ threads: '7', nulls: true }]);
    expect(await ask({})).toEqual(before);
  });

  it.each(['JSONEachRow', 'JSONCompactEachRow', 'JSONStringsEachRow'] as const)('reads %s', async (format) => {
    const rows = await (
      await client.query({ query: 'SELECT number AS n FROM numbers(100000)', format })
    ).json<unknown>();
    expect(rows).toHaveLength(100_000);
  });

  it.each([
    'CSV',
    'CSVWithNames',
    'CSVWithNamesAndTypes',
    'TabSeparated',
    'TabSeparatedWithNames',
    'TabSeparatedWithNamesAndTypes',
    'JSONCompactEachRowWithNamesAndTypes',
  ] as const)('streams %s as one document, however many blocks', async (format) => {
    const result = await client.query({
      query: `SELECT number AS "a\n""b", toString(number) AS c FROM numbers(200000)`,
      format,
    });
    const text = await result.text();
    // What the engine writes in one piece is the measure.
    const whole = (
      await server.request(`SELECT number AS "a\n""b", toString(number) AS c FROM numbers(3) FORMAT ${format}`, {
        inside: true,
      })
    ).text;
    const header = whole.slice(
      0,
      whole.length - '0,"0"\n1,"1"\n2,"2"\n'.length + (format.startsWith('CSV') ? 0 : format.startsWith('Tab') ? 6 : 0),
    );
    if (format.includes('Names') && !format.startsWith('JSON')) expect(text.startsWith(header)).toBe(true);
    expect(text.match(/(^|\n)"?a/g)?.length ?? 0).toBe(format.includes('Names') && !format.startsWith('JSON') ? 1 : 0);
    expect(
      text.endsWith(
        format.startsWith('CSV')
          ? '199999,"199999"\n'
          : format.startsWith('Tab')
            ? '199999\t199999\n'
            : '["199999", "199999"]\n',
      ),
    ).toBe(true);
  });

  it('reads formats that are one document', async () => {
    const json = (await (
      await client.query({ query: 'SELECT number AS n FROM numbers(3)', format: 'JSON' })
    ).json()) as ResponseJSON<{ n: string }>;
    expect(json.data.map((row) => row.n)).toEqual(['0', '1', '2']);
    expect(json.rows).toBe(3);
  });

  it('streams a million rows with bounded memory and stops when told', async () => {
    const result = await client.query({
      query: "SELECT number, repeat('x', 1000) AS filler FROM numbers(1000000000)",
      format: 'JSONEachRow',
    });
    let rows = 0;
    for await (const batch of result.stream()) {
      rows += batch.length;
      if (rows > 100_000) break;
    }
    result.close();
    await until('the query to be gone', async () => (await running()) === '0\n');
  });

  it('holds a query back while its reader does not read', async () => {
    const result = await client.query({
      query: "SELECT number, repeat('x', 1000) AS filler FROM numbers(100000000)",
      format: 'JSONEachRow',
    });
    const before = residentBytes(server.clickhouse.pid);
    await until('the engine to have settled', async () => (await running()) === '1\n');
    for (let i = 0; i < 20; i++) await server.inside('SELECT 1');
    // 100 GB of answer stand behind it.
    expect(residentBytes(server.clickhouse.pid) - before).toBeLessThan(400 * 2 ** 20);
    result.close();
    await until('the query to be gone', async () => (await running()) === '0\n');
  });

  it('hears of a failure before any row as an HTTP error with its code', async () => {
    await expect(client.query({ query: 'SELECT nothing', format: 'JSONEachRow' })).rejects.toMatchObject({
      code: '47',
      type: 'UNKNOWN_IDENTIFIER',
    });
    await expect(client.query({ query: 'SELECT * FROM assay.nothing', format: 'JSONEachRow' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await expect(client.command({ query: 'SELEC 1' })).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
  });

  it('hears of a failure in the middle of the rows, compressed or not', async () => {
    for (const response of [false, true]) {
      const reading = server.client({ compression: { response } });
      const result = await reading.query({
        query: 'SELECT number, throwIf(number = 300000) AS z FROM numbers(1000000)',
        format: 'JSONEachRow',
      });
      let rows = 0;
      const outcome = (async () => {
        for await (const batch of result.stream()) rows += batch.length;
      })();
      await expect(outcome).rejects.toMatchObject({ code: '395', type: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO' });
      expect(rows).toBeLessThanOrEqual(300_000);
    }
  });

  it('aborts a query, which then runs no longer', async () => {
    const controller = new AbortController();
    const outcome = client
      .query({
        query: 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)',
        format: 'JSONEachRow',
        abort_signal: controller.signal,
      })
      .catch((error: unknown) => error);
    await until('the query to run', async () => (await running()) === '1\n');
    controller.abort();
    expect(await outcome).toBeInstanceOf(Error);
    await until('the query to be gone', async () => (await running()) === '0\n');
  });

  it('compresses what it sends and what it reads', async () => {
    await server.inside('CREATE TABLE assay.compressed (n UInt64, s String) ENGINE = MergeTree ORDER BY n');
    for (const request of [true, { codec: 'br' as const }]) {
      const compressing = server.client({ compression: { request, response: true } });
      await compressing.insert({
        table: 'assay.compressed',
        values: [{ n: 1, s: '\u00e9\n\nx' }],
        format: 'JSONEachRow',
      });
      expect(
        await (
          await compressing.query({ query: 'SELECT s FROM assay.compressed ORDER BY n LIMIT 1', format: 'JSONEachRow' })
        ).json(),
      ).toEqual([{ s: '\u00e9\n\nx' }]);
    }
    expect(await server.inside('SELECT count() FROM assay.compressed')).toBe('2\n');
  });

  it('inserts rows, streams and binary as they are, blank lines and semicolons too', async () => {
    await server.inside('CREATE TABLE assay.inserted (n UInt64, s String) ENGINE = MergeTree ORDER BY n');
    const hostile = [
      'a\n\nDROP TABLE assay.inserted;\n',
      "'); DROP TABLE assay.inserted; --",
      '\0\x01\xff',
      '',
      '\\N',
      '{"n":1}',
    ];
    const summary = await client.insert({
      table: 'assay.inserted',
      values: hostile.map((s, n) => ({ n, s })),
      format: 'JSONEachRow',
    });
    expect(summary.summary).toMatchObject({ written_rows: '6' });
    await client.insert({
      table: 'assay.inserted',
      values: Readable.from(['10,"x\n\ny;\n"\n', '11,"z"\n'], { objectMode: false }),
      format: 'CSV',
    });
    const rowBinary = Buffer.concat([Buffer.from([12, 0, 0, 0, 0, 0, 0, 0, 4, 0x0a, 0x0a, 0xff, 0xfe])]);
    const { status } = await server.request(rowBinary, {
      inside: true,
      parameters: { query: 'INSERT INTO assay.inserted (n, s) FORMAT RowBinary' },
    });
    expect(status).toBe(200);
    const rows = await (
      await client.query({ query: 'SELECT n, s, hex(s) AS hex FROM assay.inserted ORDER BY n', format: 'JSONEachRow' })
    ).json<{ s: string; hex: string }>();
    expect(rows.map((row) => row.s).slice(0, 6)).toEqual(hostile);
    expect(rows.map((row) => row.s).slice(6, 8)).toEqual(['x\n\ny;\n', 'z']);
    expect(rows[8]!.hex).toBe('0A0AFFFE');
  });

  it('inserts nothing at all', async () => {
    await server.inside('CREATE TABLE assay.empty (n UInt64) ENGINE = MergeTree ORDER BY n');
    for (const format of ['JSONEachRow', 'CSV', 'ArrowStream', 'Native', 'Values']) {
      expect(
        (
          await server.request('', {
            inside: true,
            parameters: { query: `INSERT INTO assay.empty FORMAT ${format}` },
            method: 'POST',
          })
        ).status,
      ).toBe(200);
    }
    expect(await server.inside('SELECT count() FROM assay.empty')).toBe('0\n');
  });

  it('stores nothing of an insert that fails, and says which row', async () => {
    await server.inside('CREATE TABLE assay.strict (n UInt8) ENGINE = MergeTree ORDER BY n');
    const failing = client.insert({
      table: 'assay.strict',
      values: Readable.from(['1\n2\nx\n'], { objectMode: false }),
      format: 'CSV',
    });
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/^(6|26|27|72|117)$/) as string });
    await failing.catch((error: Error) => {
      expect(error.message).toContain('at row 3');
      expect(error.message).not.toContain(server.dataDir);
    });
    expect(await server.inside('SELECT count() FROM assay.strict')).toBe('0\n');
  });

  it('sends an insert again under its token without storing it again, also one of several blocks', async () => {
    await server.inside(
      'CREATE TABLE assay.dedup (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    const rows = Array.from({ length: 2_500_000 }, (_, i) => i).join('\n');
    const send = (token: string): Promise<unknown> =>
      client.insert({
        table: 'assay.dedup',
        values: Readable.from([rows], { objectMode: false }),
        format: 'CSV',
        clickhouse_settings: { insert_deduplication_token: token, max_insert_block_size: '1000000' },
      });
    await send('a');
    await send('a');
    expect(await server.inside('SELECT count() FROM assay.dedup')).toBe('2500000\n');
  });
});

describe('curl and other tools', () => {
  it('gets an Ok without a query', async () => {
    expect(await server.request(undefined)).toMatchObject({ status: 200, text: 'Ok.\n' });
    for (const path of ['/ping', '/replicas_status'])
      expect(await (await fetch(server.clickhouse.url + path)).text()).toBe('Ok.\n');
    expect((await fetch(`${server.clickhouse.url}/play`)).status).toBe(404);
    expect((await fetch(server.clickhouse.url, { method: 'DELETE' })).status).toBe(405);
  });

  it('sends the query in the URL, in the body, or half and half', async () => {
    expect((await server.request(undefined, { parameters: { query: 'SELECT 1' } })).text).toBe('1\n');
    expect((await server.request('SELECT 1')).text).toBe('1\n');
    expect((await server.request('1 + 1', { parameters: { query: 'SELECT' } })).text).toBe('2\n');
  });

  it('inserts with the data behind the query in one body', async () => {
    await server.inside('CREATE TABLE assay.curl (a UInt64, b String) ENGINE = MergeTree ORDER BY a');
    await server.inside("INSERT INTO assay.curl VALUES (1, 'x;\n\n'), (2, upper('y'))");
    await server.inside('INSERT INTO assay.curl (a, b) SETTINGS async_insert = 0 FORMAT CSV\n3,"p\n\nq"\n4,r\n');
    await server.inside('insert into assay.curl /* FORMAT x */ (a) values (5) -- end');
    await server.inside("INSERT INTO assay.curl SELECT 6, 'FORMAT CSV'");
    expect(await server.inside('SELECT * FROM assay.curl ORDER BY a FORMAT JSONCompactEachRow')).toBe(
      '["1", "x;\\n\\n"]\n["2", "Y"]\n["3", "p\\n\\nq"]\n["4", "r"]\n["5", ""]\n["6", "FORMAT CSV"]\n',
    );
    for (const sql of [
      "INSERT INTO assay.curl FROM INFILE '/etc/passwd' FORMAT CSV",
      "SELECT 1 INTO OUTFILE '/tmp/assay-out'",
      'SELECT 1; SELECT 2',
    ])
      expect((await server.request(sql, { inside: true })).status).toBeGreaterThanOrEqual(400);
  });

  it('tells the format, the query and the time zone in headers', async () => {
    const { headers } = await server.request('SELECT 1 FORMAT JSONEachRow', { parameters: { query_id: 'my-id' } });
    expect(headers.get('x-clickhouse-query-id')).toBe('my-id');
    expect(headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    expect(headers.get('x-clickhouse-timezone')).toBe('UTC');
    expect(headers.get('content-type')).toContain('application/x-ndjson');
    expect(JSON.parse(headers.get('x-clickhouse-summary')!)).toHaveProperty('read_rows');
    const failed = await server.request('SELECT nothing');
    expect(failed.headers.get('x-clickhouse-exception-code')).toBe('47');
    expect(failed.text).toMatch(
      /^Code: 47\. DB::Exception: .*\(UNKNOWN_IDENTIFIER\) \(version 26\.\d+\.\d+\.\d+\)\n$/s,
    );
    expect((await server.request('SELEC 1')).text).toContain('failed at position 7');
  });

  it('takes default_format and database', async () => {
    expect((await server.request('SELECT 1 AS x', { parameters: { default_format: 'JSONEachRow' } })).text).toBe(
      '{"x":1}\n',
    );
    expect(
      (await server.request('SELECT 1 AS x FORMAT CSV', { parameters: { default_format: 'JSONEachRow' } })).text,
    ).toBe('1\n');
    expect(
      (await server.request('SELECT currentDatabase()', { inside: true, parameters: { database: 'assay' } })).text,
    ).toBe('assay\n');
    expect((await server.request('SELECT 1', { inside: true, parameters: { database: 'none`; DROP' } })).status).toBe(
      404,
    );
  });

  it('sends bodies compressed, and gets answers compressed when it asks', async () => {
    const sql = Buffer.from('SELECT sum(number) FROM numbers(10)');
    for (const [encoding, bytes] of [
      ['gzip', gzipSync(sql)],
      ['deflate', deflateSync(sql)],
      ['br', brotliCompressSync(sql)],
    ] as const) {
      expect((await server.request(bytes, { headers: { 'Content-Encoding': encoding } })).text).toBe('45\n');
    }
    expect(
      (await server.request(Buffer.from('not gzip at all'), { headers: { 'Content-Encoding': 'gzip' } })).text,
    ).toMatch(/^Code: 271\. /);
    expect(
      (await server.request(gzipSync(sql).subarray(0, 20), { headers: { 'Content-Encoding': 'gzip' } })).text,
    ).toMatch(/^Code: 271\. /);
    expect((await server.request(sql, { headers: { 'Content-Encoding': 'zstd' } })).status).toBe(501);
    for (const [encoding, inflate] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const raw = await rawAnswer(
        server.clickhouse.port,
        `/?enable_http_compression=1&query=${encodeURIComponent('SELECT number FROM numbers(100000)')}`,
        { 'Accept-Encoding': encoding },
      );
      expect(raw.head).toContain(`Content-Encoding: ${encoding}`);
      expect(inflate(raw.body).toString().split('\n')).toHaveLength(100_001);
    }
    const plain = await rawAnswer(server.clickhouse.port, '/?query=SELECT%201', { 'Accept-Encoding': 'gzip' });
    expect(plain.head).not.toContain('Content-Encoding');
  });

  it('is told plainly what is not supported', async () => {
    for (const name of ['session_id', 'compress', 'decompress', 'role'])
      expect((await server.request('SELECT 1', { inside: true, parameters: { [name]: '1' } })).status).toBe(501);
    expect((await server.request('SELECT 1', { inside: true, parameters: { 'max threads; DROP': '1' } })).text).toMatch(
      /^Code: 115\. /,
    );
    expect((await server.request('SELECT 1', { inside: true, parameters: { no_such_setting: '1' } })).text).toMatch(
      /^Code: 115\. /,
    );
    expect(
      (await server.request('SELECT 1', { inside: true, parameters: { max_threads: "1', readonly = '0" } })).status,
    ).toBe(400);
    expect((await server.request('SYSTEM SHUTDOWN', { inside: true })).status).toBe(501);
  });

  it('writes nothing by GET', async () => {
    const { status, text } = await server.request(undefined, {
      inside: true,
      parameters: { query: 'CREATE TABLE assay.by_get (a Int8) ENGINE = Memory' },
    });
    expect(text).toMatch(/^Code: 164\. /);
    expect(status).toBe(403);
  });
});

describe('bounds', { timeout: 120_000 }, () => {
  it('refuses a statement when too many wait, and lets it in when they have gone', async () => {
    const small = await TestServer.start({
      limits: { insideRunning: 1, insideWaiting: 1, outsideRunning: 1, outsideWaiting: 1, waitMs: 60_000 },
    });
    const controller = new AbortController();
    const slow = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)';
    const first = small.request(slow, { signal: controller.signal }).catch(() => undefined);
    await until(
      'the first to run',
      async () =>
        (await small.inside(
          "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'",
        )) === '1\n',
    );
    const second = small.request(slow, { signal: controller.signal }).catch(() => undefined);
    let refused = await small.request('SELECT 1', { signal: AbortSignal.timeout(20_000) });
    await until('the queue to be full', async () => {
      if (refused.status === 200) refused = await small.request('SELECT 1', { signal: AbortSignal.timeout(20_000) });
      return refused.status !== 200;
    });
    expect(refused.status).toBe(503);
    expect(refused.text).toMatch(/^Code: 202\. .*TOO_MANY_SIMULTANEOUS_QUERIES/s);
    // The outside fills its own places only.
    expect(await small.inside('SELECT 1')).toBe('1\n');
    controller.abort();
    await Promise.all([first, second]);
    await until('the outside to be let in again', async () => (await small.request('SELECT 1')).text === '1\n');
    await small.stop();
  });

  it('refuses a body that is too large, also one that only grows when inflated, and leaves no file', async () => {
    const small = await TestServer.start({ limits: { insertBytes: 2 ** 20 } });
    await small.inside('CREATE TABLE assay.t (s String) ENGINE = Memory');
    const parameters = { query: 'INSERT INTO assay.t FORMAT LineAsString' };
    const large = await small
      .request(Buffer.alloc(2 ** 21, 'x'), { inside: true, parameters })
      .catch((error: unknown) => error);
    // A server that answers before the body has ended may close the connection: either is a refusal.
    if (!(large instanceof Error)) expect(large).toMatchObject({ status: 413 });
    const bomb = await small.request(gzipSync(Buffer.alloc(2 ** 24, 'x')), {
      inside: true,
      parameters,
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(bomb.status).toBe(413);
    expect(await small.inside('SELECT count() FROM assay.t')).toBe('0\n');
    expect(await readdir(join(small.dataDir, 'spool'))).toEqual([]);
    await small.stop();
  });

  it('drops a body that stalls, and one whose sender leaves', async () => {
    const small = await TestServer.start({ limits: { stallMs: 200 } });
    const { username, password, port } = small.clickhouse;
    for (const leave of [false, true]) {
      const socket = connect(port, '127.0.0.1');
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => undefined);
      socket.write(
        `POST /?query=INSERT%20INTO%20assay.t%20FORMAT%20CSV&user=${username}&password=${password} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n1,2`,
      );
      await until('the body to be spooled', async () => (await readdir(join(small.dataDir, 'spool'))).length === 1);
      if (leave) socket.destroy();
      await closed;
      await until('the spool to be empty', async () => (await readdir(join(small.dataDir, 'spool'))).length === 0);
    }
    await small.stop();
  });

  it('ends a reader that takes nothing, and its query', async () => {
    const small = await TestServer.start({ limits: { stallMs: 300 } });
    const socket = connect(small.clickhouse.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `GET /?query=${encodeURIComponent("SELECT repeat('x', 1000) FROM numbers(100000000)")} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.pause();
    await until(
      'the query to be gone',
      async () =>
        (await small.inside(
          "SELECT count() FROM system.processes WHERE query LIKE '%repeat%' AND query NOT LIKE '%processes%'",
        )) === '0\n',
    );
    socket.destroy();
    await closed;
    await small.stop();
  });
});

function residentBytes(pid: number): number {
  const status = process.platform === 'linux' ? readStatus(pid) : 'VmRSS: 0 kB';
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024;
}

function readStatus(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}

/** fetch inflates by itself: this does not. */
function rawAnswer(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ head: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({
          head: Object.entries(answer.headers)
            .map(([name, value]) => `${name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}: ${String(value)}`)
            .join('\n'),
          body: Buffer.concat(parts),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

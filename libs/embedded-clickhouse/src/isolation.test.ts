// The fault this server exists to rule out: rows, settings or parameters of one statement turning up in another.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '@assay/kernel';
import { TestServer, until } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

describe('statements do not touch each other', { timeout: 120_000 }, () => {
  it('after a failure in the middle of an answer', async () => {
    const client = server.client();
    for (let i = 0; i < 8; i++) {
      const failing = await client.query({
        query: "SELECT number, 'secret' AS s, throwIf(number = 100000) AS z FROM numbers(200000)",
        format: 'JSONEachRow',
      });
      await expect(failing.json()).rejects.toMatchObject({ code: '395' });
      expect(await server.inside('SELECT 1')).toBe('1\n');
      expect((await server.request('SELECT number FROM numbers(3)')).text).toBe('0\n1\n2\n');
    }
  });

  it('by settings, parameters, databases, roles or temporary tables', async () => {
    await server.inside('SELECT {x:String}', {
      param_x: 'mine',
      max_threads: '7',
      database: 'system',
      join_use_nulls: '1',
    });
    expect((await server.request('SELECT {x:String}', { inside: true })).text).toMatch(/^Code: 456\. /);
    await server.inside('CREATE TEMPORARY TABLE mine (a Int8)');
    expect((await server.request('SELECT * FROM mine', { inside: true })).text).toMatch(/^Code: 60\. /);
    expect(await server.inside("SELECT currentDatabase(), getSetting('join_use_nulls')")).toBe('default\tfalse\n');
    expect((await server.request('SELECT currentUser()')).status).toBe(200);
    // The outside's role is gone with its session: the next statement of ours writes again.
    await server.inside('CREATE TABLE assay.written (a Int8) ENGINE = Memory');
  });

  it('many at once: writers, readers, failures and aborts, each with an answer that can only be its own', async () => {
    const client = server.client({ max_open_connections: 32 });
    await server.inside(
      'CREATE TABLE assay.stress (writer UInt32, n UInt64) ENGINE = MergeTree ORDER BY (writer, n) SETTINGS non_replicated_deduplication_window = 10000',
    );
    const random = new Random(7);
    const endAt = performance.now() + 6_000;
    const problems: string[] = [];
    const done = { reads: 0, writes: 0, failures: 0, aborts: 0, outside: 0 };
    const worker = async (id: number, turn: (i: number) => Promise<void>): Promise<void> => {
      for (let i = 0; performance.now() < endAt && problems.length === 0; i++) {
        await turn(i).catch((error: unknown) => problems.push(`worker ${id}, turn ${i}: ${String(error)}`));
      }
    };
    const read = async (id: number, i: number): Promise<void> => {
      const tag = `${id}-${i}`;
      const count = 1 + random.below(30_000);
      const result = await client.query({
        query: 'SELECT {tag:String} AS tag, number AS n FROM numbers({count:UInt32})',
        query_params: { tag, count },
        format: 'JSONEachRow',
      });
      const rows = await result.json<{ tag: string; n: string }>();
      if (rows.length !== count || rows.some((row, at) => row.tag !== tag || Number(row.n) !== at))
        problems.push(`reader ${tag} got another's rows, ${rows.length} of ${count}`);
      done.reads++;
    };
    const fail = async (id: number): Promise<void> => {
      const at = random.below(60_000);
      const error: unknown = await client
        .query({
          query: `SELECT 'failed-${id}' AS tag, throwIf(number = ${at}) AS z FROM numbers(100000)`,
          format: 'JSONEachRow',
        })
        .then((result) => result.json())
        .catch((reason: unknown) => reason);
      if (!(error instanceof Error)) problems.push('a failing query succeeded');
      done.failures++;
    };
    const abort = async (): Promise<void> => {
      const controller = new AbortController();
      const running = client.query({
        query: "SELECT 'aborted' AS tag, number, sipHash64(number) FROM numbers(100000000000)",
        format: 'JSONEachRow',
        abort_signal: controller.signal,
      });
      setTimeout(() => controller.abort(), random.below(40));
      await running.then((result) => result.close()).catch(() => undefined);
      done.aborts++;
    };
    const written = [0, 0];
    const write = async (writer: number): Promise<void> => {
      const first = written[writer]!;
      const values = Array.from({ length: 500 }, (_, i) => ({ writer, n: first + i }));
      const settings = { insert_deduplication_token: `${writer}-${first}` };
      await client.insert({ table: 'assay.stress', values, format: 'JSONEachRow', clickhouse_settings: settings });
      if (random.chance(0.2))
        await client.insert({ table: 'assay.stress', values, format: 'JSONEachRow', clickhouse_settings: settings });
      written[writer] = first + 500;
      done.writes++;
    };
    const outside = async (id: number, i: number): Promise<void> => {
      const { text } = await server.request(`SELECT 'outside-${id}-${i}' FROM numbers(3)`);
      if (text !== `outside-${id}-${i}\n`.repeat(3)) problems.push(`the outside got ${text.slice(0, 200)}`);
      done.outside++;
    };
    await Promise.all([
      ...[0, 1].map((id) => worker(id, () => write(id))),
      ...[2, 3, 4].map((id) => worker(id, (i) => read(id, i))),
      ...[5, 6].map((id) => worker(id, () => fail(id))),
      ...[7, 8].map((id) => worker(id, () => abort())),
      ...[9, 10].map((id) => worker(id, (i) => outside(id, i))),
    ]);
    expect(problems).toEqual([]);
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(0);
    expect(
      await server.inside(
        'SELECT writer, count(), uniqExact(n), max(n) FROM assay.stress GROUP BY writer ORDER BY writer',
      ),
    ).toBe(written.map((rows, writer) => `${writer}\t${rows}\t${rows}\t${rows - 1}\n`).join(''));
    await until(
      'nothing to run any more',
      async () =>
        (await server.inside("SELECT count() FROM system.processes WHERE query NOT LIKE '%processes%'")) === '0\n',
    );
    expect(server.clickhouse.restarts).toBe(0);
  });
});

import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { startEmbeddedClickHouse } from './start-embedded-clickhouse.ts';
import { TestServer, until } from './test-server.ts';

/** An orphan that nobody waits for stays a zombie: it has ended all the same. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function createTables(server: TestServer): Promise<void> {
  const window = 'SETTINGS non_replicated_deduplication_window = 1000';
  await server.inside(
    `CREATE TABLE IF NOT EXISTS assay.base (block UInt32, n UInt64) ENGINE = MergeTree ORDER BY (block, n) ${window}`,
  );
  await server.inside(
    `CREATE TABLE IF NOT EXISTS assay.sums (block UInt32, rows SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY block ${window}`,
  );
  await server.inside(
    'CREATE MATERIALIZED VIEW IF NOT EXISTS assay.to_sums TO assay.sums AS SELECT block, count() AS rows FROM assay.base GROUP BY block',
  );
}

const ROWS = 1000;

async function sendBlock(client: ClickHouseClient, block: number): Promise<void> {
  await client.insert({
    table: 'assay.base',
    values: Array.from({ length: ROWS }, (_, n) => ({ block, n })),
    format: 'JSONEachRow',
    clickhouse_settings: {
      insert_deduplication_token: `block-${block}`,
      deduplicate_blocks_in_dependent_materialized_views: 1,
    },
  });
}

describe('kill -9 of the engine', { timeout: 120_000 }, () => {
  it('loses no acknowledged block; a block sent again under its token is stored once, in the table and behind its view', async () => {
    const server = await TestServer.start({ limits: { waitMs: 5_000 } });
    await createTables(server);
    let nextBlock = 0;
    for (let round = 0; round < 4; round++) {
      const client = server.client();
      const pid = server.clickhouse.pid;
      const open: number[] = [];
      let acknowledged = 0;
      const sender = async (): Promise<void> => {
        for (;;) {
          const block = nextBlock++;
          open.push(block);
          await sendBlock(client, block);
          open.splice(open.indexOf(block), 1);
          if (++acknowledged === 6) process.kill(pid, 'SIGKILL');
        }
      };
      await Promise.all([sender(), sender(), sender()].map((sending) => sending.catch(() => undefined)));
      await until(
        'the engine to be back at the same address',
        async () => server.clickhouse.pid !== pid && (await client.ping({ select: true })).success,
      );
      // What was under way when it died is in an unknown state: it is sent again under the same tokens, one of them twice.
      for (const block of [...open, ...open.slice(0, 1)]) await sendBlock(client, block);
      const expected = `${nextBlock * ROWS}\t${nextBlock}\n`;
      expect(await server.inside('SELECT count(), uniqExact(block) FROM assay.base')).toBe(expected);
      expect(await server.inside('SELECT sum(rows), uniqExact(block) FROM assay.sums')).toBe(expected);
    }
    expect(server.clickhouse.restarts).toBe(4);
    await server.stop();
  });
});

describe('the process of the engine', { timeout: 120_000 }, () => {
  /** A parent of its own: it starts a server, says where, and does what it is told. */
  async function startParent(
    dataDir: string,
  ): Promise<{ parent: ChildProcess; url: string; password: string; pid: number; scratch: string }> {
    const scratch = await mkdtemp(join(tmpdir(), 'assay-parent-'));
    const script = join(scratch, 'parent.ts');
    await writeFile(
      script,
      `import { startEmbeddedClickHouse } from ${JSON.stringify(new URL('./start-embedded-clickhouse.ts', import.meta.url).href)};
       const server = await startEmbeddedClickHouse({ dataDir: ${JSON.stringify(dataDir)}, port: 0 });
       process.send({ url: server.url, password: server.password, pid: server.pid });
       process.on('message', async (word) => { if (word === 'close') { await server.close(); process.disconnect(); } });`,
    );
    const parent = fork(script, {
      execArgv: ['--conditions=@assay/source', '--import', new URL('./run-from-source.mjs', import.meta.url).href],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const said = await new Promise<{ url: string; password: string; pid: number }>((resolve, reject) => {
      parent.once('message', resolve as never);
      parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
    });
    return { parent, ...said, scratch };
  }

  const ended = (child: ChildProcess): Promise<[number | null, string | null]> =>
    new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));

  it('dies with a parent that is killed, and the next start finds the data', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'assay-clickhouse-'));
    const { parent, url, password, pid, scratch } = await startParent(dataDir);
    const headers = { 'X-ClickHouse-User': 'assay', 'X-ClickHouse-Key': password };
    const run = async (body: string): Promise<number> => (await fetch(url, { method: 'POST', body, headers })).status;
    expect(await run('CREATE DATABASE assay ENGINE = Atomic')).toBe(200);
    expect(await run('CREATE TABLE assay.kept (a Int8) ENGINE = MergeTree ORDER BY a')).toBe(200);
    expect(await run('INSERT INTO assay.kept VALUES (1), (2)')).toBe(200);
    const gone = ended(parent);
    parent.kill('SIGKILL');
    await gone;
    // Started at once: the directory may still be held by the dying engine.
    const server = await TestServer.start({ dataDir });
    expect(isAlive(pid)).toBe(false);
    expect(await server.inside('SELECT sum(a) FROM assay.kept')).toBe('3\n');
    await server.stop();
    await rm(scratch, { recursive: true });
  });

  it('ends cleanly when asked, and its parent with it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'assay-clickhouse-'));
    const { parent, pid, scratch } = await startParent(dataDir);
    const gone = ended(parent);
    parent.send('close');
    expect(await gone).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
    await rm(scratch, { recursive: true });
    await rm(dataDir, { recursive: true });
  });

  it('closes cleanly with many threads started, some of them after failures and aborts', async () => {
    const said: string[] = [];
    const say = (_: object, message: string): void => void said.push(message);
    for (let i = 0; i < 3; i++) {
      const server = await TestServer.start({ logger: { info: () => undefined, warn: say, error: say } });
      const statements = ['SELECT 1', 'SELECT nothing', 'SELECT number, throwIf(number = 50000) FROM numbers(100000)'];
      await Promise.all(
        [...statements, ...statements, ...statements].map((sql) => server.request(sql, { inside: true })),
      );
      await server
        .request('SELECT count() FROM numbers(1000000000000)', { inside: true, signal: AbortSignal.timeout(50) })
        .catch(() => undefined);
      await server.stop();
    }
    expect(said).toEqual([]);
  });

  it('finishes what is under way before it closes', async () => {
    const server = await TestServer.start();
    const slow = server.request('SELECT count(), sum(sipHash64(number)) FROM numbers(50000000)', { inside: true });
    await until(
      'the query to run',
      async () =>
        (await server.inside(
          "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'",
        )) === '1\n',
    );
    await server.stop();
    expect((await slow).text).toMatch(/^50000000\t/);
  });

  it('says who holds the directory, and which port is taken', async () => {
    const server = await TestServer.start();
    await expect(
      startEmbeddedClickHouse({ dataDir: server.dataDir, port: 0, limits: { openWaitMs: 300 } }),
    ).rejects.toMatchObject({
      code: 'data_in_use',
      message: expect.stringContaining(`process ${server.clickhouse.pid} has ${server.dataDir}`) as string,
    });
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const other = await mkdtemp(join(tmpdir(), 'assay-clickhouse-'));
    await expect(startEmbeddedClickHouse({ dataDir: other, port, limits: { openWaitMs: 300 } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
    await new Promise((resolve) => listener.close(resolve));
    await server.stop();
    await rm(other, { recursive: true });
  });

  it('refuses a configuration that is wrong, naming it', async () => {
    const users = { outside: { username: 'default', password: '', databases: ['a; DROP'] } };
    const dataDir = await mkdtemp(join(tmpdir(), 'assay-clickhouse-'));
    await expect(startEmbeddedClickHouse({ dataDir, port: 0, users })).rejects.toThrow(
      '"a; DROP" is not a database name',
    );
    await rm(dataDir, { recursive: true });
  });
});

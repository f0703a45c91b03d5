// What every analytics store must do, run on each adapter and on each ClickHouse behind it. Also the proof that a migration runner
// can stand on the port, since it uses nothing else.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalyticsError, type AnalyticsErrorCode, type AnalyticsStore } from './analytics-store.ts';
import { migrate, requireMigrated } from './migrate.ts';
import { quoted } from './row-conditions.ts';

/** What the suite needs besides the store: columns written as one Arrow IPC stream. */
export interface ContractStore {
  readonly store: AnalyticsStore;
  /** Columns `id` (unsigned 64-bit), `name` (dictionary of strings), `at` (timestamp, microseconds). */
  encodeArrow(rows: readonly ContractRow[]): Uint8Array;
  cleanup(): Promise<void>;
}

export interface ContractRow {
  readonly id: bigint;
  readonly name: string;
  readonly atUs: number;
}

async function expectAnalyticsError(code: AnalyticsErrorCode, outcome: Promise<unknown>): Promise<AnalyticsError> {
  const error: unknown = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AnalyticsError);
  expect((error as AnalyticsError).code).toBe(code);
  return error as AnalyticsError;
}

const rowsFrom = (first: number, count: number): ContractRow[] =>
  Array.from({ length: count }, (_, i) => ({
    id: BigInt(first + i),
    name: `worker-${(first + i) % 7}`,
    atUs: 1_700_000_000_000_000 + first + i,
  }));

/** @param makeStore opens a store on a database `assay` that may hold tables already. */
export function analyticsContract(name: string, makeStore: () => Promise<ContractStore>): void {
  describe(`analytics store contract: ${name}`, () => {
    let made: ContractStore;
    let store: AnalyticsStore;

    beforeAll(async () => {
      made = await makeStore();
      store = made.store;
      await store.command('CREATE DATABASE IF NOT EXISTS assay ENGINE = Atomic');
    });

    afterAll(async () => {
      await store.close();
      await made.cleanup();
    });

    /** A table of its own for each test, with a target behind a view, both deduplicating. */
    async function makeTable(): Promise<string> {
      const table = `contract_${randomUUID().replaceAll('-', '')}`;
      await store.command(
        `CREATE TABLE assay.${table} (id UInt64, name LowCardinality(String), at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`,
      );
      await store.command(
        `CREATE TABLE assay.${table}_sums (name String, rows SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY name SETTINGS non_replicated_deduplication_window = 1000`,
      );
      await store.command(
        `CREATE MATERIALIZED VIEW assay.${table}_view TO assay.${table}_sums AS SELECT name, count() AS rows FROM assay.${table} GROUP BY name`,
      );
      return table;
    }

    const counts = async (table: string): Promise<{ rows: number; summed: number }> => {
      const [row] = await store.query<{ rows: number; summed: number }>(
        `SELECT (SELECT toFloat64(count()) FROM assay.${table}) AS rows, (SELECT toFloat64(sum(rows)) FROM assay.${table}_sums) AS summed`,
      );
      return row!;
    };

    it('answers with rows as objects, 64-bit integers as strings', async () => {
      const rows = await store.query<{ n: string; text: string }>(
        "SELECT toUInt64(18446744073709551615) AS n, 'a\\n\\tb' AS text",
      );
      expect(rows).toEqual([{ n: '18446744073709551615', text: 'a\n\tb' }]);
      expect(await store.query('SELECT 1 WHERE 0')).toEqual([]);
    });

    it('binds parameters, whatever stands in them', async () => {
      const hostile = `'); DROP TABLE x; -- \\ \t\n {n:UInt8} \u{1f4a5}`;
      const rows = await store.query(
        'SELECT {text:String} AS text, {n:UInt32} AS n, {flag:Bool} AS flag, {list:Array(String)} AS list, {ids:Array(UInt32)} AS ids',
        { text: hostile, n: 42, flag: true, list: ['a', `it's \\`], ids: [1, 2] },
      );
      expect(rows).toEqual([{ text: hostile, n: 42, flag: true, list: ['a', `it's \\`], ids: [1, 2] }]);
    });

    it('inserts an Arrow stream, types kept', async () => {
      const table = await makeTable();
      await store.insertArrow(table, made.encodeArrow(rowsFrom(0, 3)), { deduplicationToken: 'a' });
      const rows = await store.query(`SELECT id, name, at FROM assay.${table} ORDER BY id`);
      expect(rows).toEqual([
        { id: '0', name: 'worker-0', at: '2023-11-14 22:13:20.000000' },
        { id: '1', name: 'worker-1', at: '2023-11-14 22:13:20.000001' },
        { id: '2', name: 'worker-2', at: '2023-11-14 22:13:20.000002' },
      ]);
    });

    it('keeps rows from a query wherever it reads their table, whatever the condition holds', async () => {
      const table = await makeTable();
      const hostile = `it's \\ "; {n:UInt8} \n`;
      await store.command(
        `INSERT INTO assay.${table} (id, name) SELECT number, if(number = 3, ${quoted(hostile)}, concat('worker-', toString(number))) FROM numbers(6)`,
      );
      const read = (condition: string): Promise<unknown> =>
        store.query(
          `SELECT groupArray(t.id) AS ids, (SELECT count() FROM assay.${table}) AS n FROM (SELECT x.id FROM assay.${table} AS x ORDER BY x.id) AS t`,
          {},
          { rowFilters: { [table]: condition } },
        );
      expect(await read('id > 3')).toEqual([{ ids: ['4', '5'], n: '2' }]);
      expect(await read(`name = ${quoted(hostile)}`)).toEqual([{ ids: ['3'], n: '1' }]);
      expect(await read('0')).toEqual([{ ids: [], n: '0' }]);
      expect(await store.query(`SELECT count() AS n FROM assay.${table}`)).toEqual([{ n: '6' }]);
    });

    it('stores a block once under its token, in the table and in what a view makes of it', async () => {
      const table = await makeTable();
      const block = made.encodeArrow(rowsFrom(0, 500));
      for (let i = 0; i < 3; i++) await store.insertArrow(table, block, { deduplicationToken: 'block-1' });
      expect(await counts(table)).toEqual({ rows: 500, summed: 500 });
      await store.insertArrow(table, block, { deduplicationToken: 'block-2' });
      expect(await counts(table)).toEqual({ rows: 1000, summed: 1000 });
    });

    it('stores blocks that are sent many at a time once each', async () => {
      const table = await makeTable();
      const blocks = Array.from({ length: 8 }, (_, i) => ({
        bytes: made.encodeArrow(rowsFrom(i * 100, 100)),
        token: `block-${i}`,
      }));
      await Promise.all(
        [...blocks, ...blocks].map(({ bytes, token }) =>
          store.insertArrow(table, bytes, { deduplicationToken: token }),
        ),
      );
      expect(await counts(table)).toEqual({ rows: 800, summed: 800 });
    });

    it('names a mistake in the query, and says that trying again is no use', async () => {
      for (const sql of [
        'SELEC 1',
        'SELECT nothing_of_the_kind',
        'SELECT * FROM assay.no_such_table',
        'SELECT {missing:String}',
      ]) {
        expect((await expectAnalyticsError('bad_query', store.query(sql))).retriable).toBe(false);
      }
      await expectAnalyticsError('bad_query', store.command('SELECT 1; SELECT 2'));
    });

    it('fails a query that fails after its first rows, and gives the next one only its own', async () => {
      const failing = store.query('SELECT number, throwIf(number = 200000) AS z FROM numbers(1000000)');
      await expectAnalyticsError('server', failing);
      expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('names bad data, and keeps nothing of it', async () => {
      const table = await makeTable();
      const error = await expectAnalyticsError(
        'bad_data',
        store.insertArrow(table, new Uint8Array([1, 2, 3, 4]), { deduplicationToken: 'bad' }),
      );
      expect(error.retriable).toBe(false);
      expect(await counts(table)).toEqual({ rows: 0, summed: 0 });
    });

    it('refuses rows with a column that the table does not have, instead of dropping it', async () => {
      const table = await makeTable();
      const columns = ['id', 'name', 'at'];
      await store.insertArrow(table, made.encodeArrow(rowsFrom(0, 3)), { deduplicationToken: 'a', columns });
      const error = await expectAnalyticsError(
        'bad_query',
        store.insertArrow(table, made.encodeArrow(rowsFrom(3, 3)), {
          deduplicationToken: 'b',
          columns: [...columns, 'absent'],
        }),
      );
      expect(error.retriable).toBe(false);
      expect(await counts(table)).toEqual({ rows: 3, summed: 3 });
    });

    it('stops a query that takes too long', async () => {
      const error = await expectAnalyticsError(
        'timeout',
        store.query('SELECT sum(sipHash64(number)) FROM numbers(1000000000000)', {}, { maxExecutionSeconds: 0.3 }),
      );
      expect(error.retriable).toBe(true);
    });

    it('stops a query that takes too much memory', async () => {
      const error = await expectAnalyticsError(
        'memory',
        store.query('SELECT length(groupArray(number)) FROM numbers(1000000000) SETTINGS max_memory_usage = 50000000'),
      );
      expect(error.retriable).toBe(true);
    });

    it('stops a query when its signal aborts, also one that has aborted already', async () => {
      const controller = new AbortController();
      const running = store.query(
        'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)',
        {},
        { signal: controller.signal },
      );
      const outcome = expectAnalyticsError('aborted', running);
      controller.abort();
      await outcome;
      await expectAnalyticsError('aborted', store.query('SELECT 1', {}, { signal: AbortSignal.abort() }));
    });

    it('answers a ping', async () => {
      expect(await store.ping()).toBe(true);
    });

    describe('migrations', () => {
      const table = `migrated_${randomUUID().replaceAll('-', '')}`;
      const first = {
        name: '0001_table.sql',
        sql: `-- a table;\nCREATE TABLE IF NOT EXISTS assay.${table} (a DateTime('UTC')) ENGINE = MergeTree ORDER BY a TTL a + toIntervalDay({{days}});`,
      };
      const second = {
        name: '0002_column.sql',
        sql: `ALTER TABLE assay.${table} ADD COLUMN IF NOT EXISTS b String;\nALTER TABLE assay.${table} ADD COLUMN IF NOT EXISTS c String`,
      };

      /** The runner's record is one per database: these tests have it to themselves, and put back what was there. */
      beforeAll(async () => {
        await store.command('DROP TABLE IF EXISTS assay.schema_migrations');
      });
      afterAll(async () => {
        await store.command('DROP TABLE IF EXISTS assay.schema_migrations');
      });

      it('applies files once, in order, and later only what is new; others can wait for it', async () => {
        await expect(requireMigrated(store, [first])).rejects.toThrow('the migrator has not run');
        expect(await migrate(store, [first], { days: 36500 })).toEqual(['0001_table.sql']);
        await requireMigrated(store, [first]);
        await expect(requireMigrated(store, [first, second])).rejects.toThrow('has not applied 0002_column.sql yet');
        expect(await migrate(store, [first], { days: 36500 })).toEqual([]);
        expect(await migrate(store, [first, second], { days: 7 })).toEqual(['0002_column.sql']);
        // A build older than the database has what it needs.
        await requireMigrated(store, [first]);
        const columns = await store.query<{ name: string }>(
          'SELECT name FROM system.columns WHERE database = {db:String} AND table = {table:String} ORDER BY position',
          { db: 'assay', table },
        );
        expect(columns.map((column) => column.name)).toEqual(['a', 'b', 'c']);
      });

      it('goes on after a crash between the statements of a file', async () => {
        const third = {
          name: '0003_more.sql',
          sql: `ALTER TABLE assay.${table} ADD COLUMN IF NOT EXISTS d String; ALTER TABLE assay.${table} ADD COLUMN IF NOT EXISTS e String`,
        };
        let left = 3;
        const crashing: AnalyticsStore = {
          query: (sql, params, options) => store.query(sql, params, options),
          insertArrow: (...args) => store.insertArrow(...args),
          ping: () => store.ping(),
          close: async () => undefined,
          command: async (sql) => {
            if (left-- === 0) throw new Error('crash');
            await store.command(sql);
          },
        };
        await expect(migrate(crashing, [first, second, third], { days: 7 })).rejects.toThrow('crash');
        expect(await migrate(store, [first, second, third], { days: 7 })).toEqual(['0003_more.sql']);
      });

      it('names a file that changed after it was applied, and one it does not know', async () => {
        const changed = { ...second, sql: `${second.sql};SELECT 1` };
        const third = { name: '0003_more.sql', sql: '' };
        await expect(migrate(store, [first, changed, third], { days: 7 })).rejects.toThrow(
          'Migration 0002_column.sql has changed',
        );
        await expect(migrate(store, [first], { days: 7 })).rejects.toThrow(
          'migration 0002_column.sql, which this build does not know',
        );
        await expect(migrate(store, [first, { ...second, name: '0003_column.sql' }], { days: 7 })).rejects.toThrow(
          '0003_column.sql should have number 0002',
        );
      });
    });
  });
}

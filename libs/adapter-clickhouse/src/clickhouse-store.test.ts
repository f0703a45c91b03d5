import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnalyticsError, type AnalyticsStore } from '@assay/analytics';
import { analyticsContract, type ContractRow } from '@assay/analytics/contract';
// eslint-disable-next-line @nx/enforce-module-boundaries -- an adapter's test needs something real to stand on
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import {
  Decimal,
  Dictionary,
  FixedSizeBinary,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Field,
  TimestampMicrosecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from './clickhouse-store.ts';

let dictionaries = 0;
function dictionary(values: readonly string[]): Data {
  const distinct = [...new Set(values)];
  const codes = Uint32Array.from(values, (value) => distinct.indexOf(value));
  return makeData({
    type: new Dictionary(new Utf8(), new Uint32(), ++dictionaries, false),
    length: values.length,
    nullCount: 0,
    data: codes,
    dictionary: vectorFromArray(distinct, new Utf8()),
  });
}

function arrowStream(columns: Readonly<Record<string, Data>>): Uint8Array {
  const fields = Object.entries(columns).map(([name, data]) => new Field(name, data.type, data.nullCount > 0));
  const children = Object.values(columns);
  const schema = new Schema(fields);
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(fields), length: children[0]!.length, nullCount: 0, children }),
  );
  return new RecordBatchStreamWriter().writeAll([batch]).finish().toUint8Array(true);
}

const micros = (values: readonly number[]): Data =>
  makeData({
    type: new TimestampMicrosecond('UTC'),
    length: values.length,
    nullCount: 0,
    data: BigInt64Array.from(values, BigInt),
  });

async function openStore(): Promise<{
  server: EmbeddedClickHouse;
  store: AnalyticsStore;
  cleanup: () => Promise<void>;
}> {
  const dataDir = await mkdtemp(join(tmpdir(), 'assay-store-'));
  const server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
  const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
  return {
    server,
    store,
    cleanup: async () => {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

analyticsContract('embedded ClickHouse', async () => ({
  ...(await openStore()),
  encodeArrow: (rows: readonly ContractRow[]) =>
    arrowStream({
      id: makeData({
        type: new Uint64(),
        length: rows.length,
        nullCount: 0,
        data: BigUint64Array.from(rows, (row) => row.id),
      }),
      name: dictionary(rows.map((row) => row.name)),
      at: micros(rows.map((row) => row.atUs)),
    }),
}));

describe('Arrow types', () => {
  let opened: Awaited<ReturnType<typeof openStore>>;
  beforeAll(async () => {
    opened = await openStore();
    await opened.store.command('CREATE DATABASE IF NOT EXISTS assay ENGINE = Atomic');
  });
  afterAll(async () => {
    await opened.store.close();
    await opened.cleanup();
  });

  it('loads every type a share block or a rollup uses, exactly', async () => {
    const { store } = opened;
    await store.command(
      `CREATE TABLE assay.arrow_types (small UInt8, flag UInt8, name LowCardinality(String), plain String, at DateTime64(6, 'UTC'), rate Float64,
        work Decimal(38, 8), hash FixedString(32), text String, maybe Nullable(DateTime64(6, 'UTC'))) ENGINE = MergeTree ORDER BY small`,
    );
    const work = new Uint32Array(8);
    new BigInt64Array(work.buffer).set([12_345_678_901_234_567n, 0n, -1n, -1n]);
    const hash = Uint8Array.from({ length: 64 }, (_, i) => i);
    const stream = arrowStream({
      small: makeData({ type: new Uint8(), length: 2, nullCount: 0, data: Uint8Array.of(0, 255) }),
      flag: makeData({ type: new Uint8(), length: 2, nullCount: 0, data: Uint8Array.of(1, 0) }),
      name: dictionary(['acme', 'acme']),
      plain: dictionary(['a\nb', '\u00e9']),
      at: micros([1_700_000_000_123_456, 0]),
      rate: makeData({ type: new Float64(), length: 2, nullCount: 0, data: Float64Array.of(0.1, 1e300) }),
      work: makeData({ type: new Decimal(8, 38, 128), length: 2, nullCount: 0, data: work }),
      hash: makeData({ type: new FixedSizeBinary(32), length: 2, nullCount: 0, data: hash }),
      text: vectorFromArray(['', 'x'.repeat(1000)], new Utf8()).data[0]!,
      maybe: makeData({
        type: new TimestampMicrosecond('UTC'),
        length: 2,
        nullCount: 1,
        nullBitmap: Uint8Array.of(0b01),
        data: BigInt64Array.of(1n, 2n),
      }),
    });
    await store.insertArrow('arrow_types', stream, { deduplicationToken: 't' });
    const rows = await store.query(
      'SELECT small, flag, name, plain, at, rate, toString(work) AS work, lower(hex(hash)) AS hash, text, maybe FROM assay.arrow_types ORDER BY small',
    );
    const hex = Buffer.from(hash).toString('hex');
    expect(rows).toEqual([
      { small: 0, flag: 1, name: 'acme', plain: 'a\nb', at: '2023-11-14 22:13:20.123456', rate: 0.1, work: '123456789.01234567', hash: hex.slice(0, 64), text: '', maybe: '1970-01-01 00:00:00.000001' },
      { small: 255, flag: 0, name: 'acme', plain: '\u00e9', at: '1970-01-01 00:00:00.000000', rate: 1e300, work: '-0.00000001', hash: hex.slice(64), text: 'x'.repeat(1000), maybe: null },
    ]); // prettier-ignore
  });

  it('refuses a table name that is not one', async () => {
    await expect(
      opened.store.insertArrow('t; DROP TABLE x', new Uint8Array(), { deduplicationToken: 'x' }),
    ).rejects.toMatchObject({ code: 'bad_query', retriable: false });
  });
});

describe('failures of the connection', () => {
  it('are unavailable and worth another try', async () => {
    const { store, cleanup } = await openStore();
    await cleanup();
    const error = await store.query('SELECT 1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AnalyticsError);
    expect(error).toMatchObject({ code: 'unavailable', retriable: true });
    expect(await store.ping()).toBe(false);
    await store.close();
  });

  it('tell a wrong password from an outage', async () => {
    const { server, store, cleanup } = await openStore();
    const stranger = createClickHouseStore({ url: server.url, username: 'assay', password: 'guess' });
    await expect(stranger.query('SELECT 1')).rejects.toMatchObject({ code: 'server', retriable: false });
    expect(await stranger.ping()).toBe(false);
    await stranger.close();
    await store.close();
    await cleanup();
  });
});

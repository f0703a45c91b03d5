// ClickHouse on a disk that is full: the aggregator stops at the batch, says why, drops nothing and writes nothing twice, and goes on
// by itself once there is room. The disk is a small file system in memory, which only root may mount.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { MemoryEventLog, MemoryLiveState, MemoryLogDisk } from '@assay/adapter-memory';
import { loadMigrations, migrate } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { Registry, silentLogger } from '@assay/platform';
import { encodeVerified, sourceHeader } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- seeded blocks, in tests only
import { randomBlocks } from '@assay/sim';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAggregator } from './start-aggregator.ts';

const DISK_MIB = 96;
const SHARES = 5_000;
const DAYS = {
  shares_ttl_days: 20_000,
  rollup_1m_ttl_days: 20_000,
  rollup_1h_ttl_days: 20_000,
  rollup_1d_ttl_days: 20_000,
  events_ttl_days: 20_000,
};

const mountPoint = mkdtempSync(join(tmpdir(), 'assay-full-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'none', mountPoint]).status === 0;

afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', mountPoint]);
  rmSync(mountPoint, { recursive: true, force: true });
});

/** Writes until there is no room. */
function fillUp(): void {
  const megabyte = Buffer.alloc(2 ** 20, 1);
  for (let n = 0, size = megabyte.length; size >= 4096; n++) {
    try {
      writeFileSync(join(mountPoint, `filler-${n}`), megabyte.subarray(0, size));
    } catch {
      rmSync(join(mountPoint, `filler-${n}`), { force: true });
      size >>= 1;
    }
  }
}

describe.skipIf(!mounted)('ClickHouse on a full disk', () => {
  let server: Awaited<ReturnType<typeof startEmbeddedClickHouse>>;
  let store: ReturnType<typeof createClickHouseStore>;

  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ dataDir: join(mountPoint, 'clickhouse'), port: 0 });
    store = createClickHouseStore(server);
    await migrate(store, await loadMigrations(), DAYS);
  });
  afterAll(async () => {
    await store.close();
    await server.close();
  });

  it('holds the batch up, and counts each share once when there is room again', async () => {
    const disk = new MemoryLogDisk({ clock: systemClock });
    const log = new MemoryEventLog(disk);
    await log.ensureTopics(topicSpecs(1));
    const random = new Random(3);
    const blocks = randomBlocks({ random, gateway: 'g', workers: ['a.b'], rejected: 0.1, late: 0, latestUs: 0 });
    let source = 0;
    const publish = (): Promise<unknown> => {
      const value = encodeVerified(blocks.next(systemClock.nowUs(), SHARES));
      return log.append(TOPIC.sharesVerified, [{ value, headers: sourceHeader(0, source++) }], 0);
    };
    const counted = async (): Promise<unknown> => {
      const [row] = await store.query(
        `SELECT toUInt32(count()) AS shares, toUInt32((SELECT sum(accepted) + sum(rejected) FROM assay.rollup_1m)) AS rolled FROM assay.shares`,
      );
      return row;
    };
    const registry = new Registry();
    const aggregator = await startAggregator(
      { batchShares: 50_000, batchBytes: 2 ** 25, batchLingerMs: 10 },
      {
        log: new MemoryEventLog(disk),
        store,
        live: new MemoryLiveState({ clock: systemClock }),
        clock: systemClock,
        logger: silentLogger,
        registry,
      },
    );
    await publish();
    const caughtUp = (): Promise<void> =>
      vi.waitFor(async () => expect(await log.lag('aggregator', TOPIC.sharesVerified)).toBe(0), {
        timeout: 60_000,
        interval: 50,
      });
    await caughtUp();

    fillUp();
    await publish();
    await vi.waitFor(
      async () => {
        const { ready, checks } = await aggregator.ready();
        expect(ready).toBe(false);
        expect(checks['batches']).toMatch(/^insert into .* has failed \d+ times .* is tried again: .*(space|write)/i);
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(await registry.metrics()).toContain('assay_aggregator_partition_failures_total 0');
    expect(await log.lag('aggregator', TOPIC.sharesVerified)).toBe(1);

    spawnSync('sh', ['-c', `rm -f '${mountPoint}'/filler-*`]);
    await caughtUp();
    expect(await counted()).toEqual({ shares: 2 * SHARES, rolled: 2 * SHARES });
    await vi.waitFor(async () => expect((await aggregator.ready()).ready).toBe(true), { timeout: 20_000 });
    expect(server.restarts).toBe(0);
    await aggregator.stop();
  }, 180_000);
});

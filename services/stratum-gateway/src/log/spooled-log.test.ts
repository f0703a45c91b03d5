// A gateway with a spool while the log is slow, away or lying: miners are answered, nothing acknowledged is lost, order is kept.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLmdbSpool, type LmdbSpool } from '@assay/adapter-lmdb';
import { TOPIC, type Spool, type StoredRecord } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { decodeSubmitted } from '@assay/share-block';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import { heldLog, type HeldLog } from '../testing/held-log.ts';
import { memoryLog } from '../testing/test-gateway.ts';

const gateway = gatewayFixture();
const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 };
let dir: string;
let log: HeldLog;
let spool: LmdbSpool;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'assay-spooled-'));
  log = heldLog(await memoryLog(systemClock));
  spool = await openLmdbSpool({ dir, clock: systemClock, maxBytes: 64 * 2 ** 20 });
});
afterEach(async () => {
  await gateway.running.stop();
  await spool.close();
  await rm(dir, { recursive: true, force: true });
});

const start = (changes: Parameters<typeof gateway.start>[0] = {}, ports: { spool?: Spool } = {}): Promise<unknown> =>
  gateway.start({ spoolAfterMs: 150, maxDifficulty: 1e-8, ...changes }, { log, spool, ...ports });
const tallies = (): typeof gateway.running.gateway.tallies => gateway.running.gateway.tallies;
const logState = async (): Promise<string> => (await gateway.running.gateway.ready()).checks['log']!;
const drained = (): Promise<void> => eventually(async () => (await logState()) === 'ok', 'the spool to be empty');

async function records(topic: string): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let partition = 0; partition < 2; partition++)
    found.push(...(await log.readFrom(topic, partition, 0, EVERYTHING)));
  return found;
}

/** Nonce and time of each share in the log, partition by partition. */
async function logged(): Promise<{ nonce: number; atUs: number }[][]> {
  const partitions: { nonce: number; atUs: number }[][] = [];
  for (let partition = 0; partition < 2; partition++) {
    const blocks = await log.readFrom(TOPIC.sharesSubmitted, partition, 0, EVERYTHING);
    partitions.push(
      blocks.flatMap(({ value }) => {
        const { count, nonce, submittedAtUs } = decodeSubmitted(value);
        return Array.from({ length: count }, (_, i) => ({ nonce: nonce[i]!, atUs: submittedAtUs[i]! }));
      }),
    );
  }
  return partitions;
}

async function countLogged(): Promise<number> {
  return (await logged()).flat().length;
}

describe('while the log is away', () => {
  it('answers miners from the spool, says so, and drains in order when the log is back', async () => {
    await start();
    const miner = await gateway.ready();
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect(await logState()).toBe('ok');
    log.away();
    const other = await gateway.ready('acme.other');
    for (let i = 0; i < 40; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect(await other.submit('acme.other', other.mine())).toMatchObject({ result: true });
    expect(await countLogged()).toBe(1);
    expect(await gateway.running.gateway.ready()).toEqual({
      ready: true,
      checks: { jobs: 'ok', log: 'spooling, since the log is away: the log is away' },
    });
    const metrics = await gateway.running.registry.metrics();
    expect(metrics).toContain('assay_stratum_gateway_log_away 1');
    expect(metrics).toMatch(/assay_stratum_gateway_spool_records 4\d/);
    expect(metrics).toMatch(/assay_stratum_gateway_spool_bytes [1-9]\d{4}/);

    const appends = log.appends;
    log.release();
    await drained();
    // Many records share an append: two partitions of shares and the events of one key.
    expect(log.appends - appends).toBeLessThan(10);
    const partitions = await logged();
    expect(partitions.flat()).toHaveLength(42);
    for (const shares of partitions) {
      expect(shares.length).toBeGreaterThan(15);
      expect(shares.map(({ atUs }) => atUs)).toEqual(shares.map(({ atUs }) => atUs).sort((a, b) => a - b));
    }
    expect(tallies().spooledRecords).toBe(tallies().drainedRecords);
    expect((await gateway.running.events()).map(({ type }) => type)).toEqual([
      'gateway_started',
      'authorized',
      'authorized',
    ]);
    expect((await records(TOPIC.workerEvents)).every(({ key }) => key === 'gateway-1')).toBe(true);
    expect(await gateway.running.registry.metrics()).toContain('assay_stratum_gateway_log_away 0');
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect(tallies().spooledRecords).toBe(tallies().drainedRecords);
    expect(await countLogged()).toBe(43);
  });

  it('goes back to the log under load that never pauses', async () => {
    await start();
    const miners = [await gateway.ready(), await gateway.ready('acme.other')];
    log.away();
    let running = true;
    let acked = 0;
    const loads = miners.map(async (miner, i) => {
      while (running) {
        const { result } = await miner.submit(i === 0 ? WORKER : 'acme.other', miner.mine());
        if (result === true) acked++;
      }
    });
    await eventually(() => tallies().spooledRecords > 50, 'shares to be spooled');
    log.release();
    await drained();
    const spooled = tallies().spooledRecords;
    const atDrain = acked;
    await eventually(() => acked > atDrain + 20, 'shares after the drain');
    expect(tallies().spooledRecords).toBe(spooled);
    running = false;
    await Promise.all(loads);
    const nonces = (await logged()).flat();
    expect(nonces).toHaveLength(acked);
    expect(new Set(nonces.map(({ nonce, atUs }) => `${nonce} ${atUs}`)).size).toBe(acked);
  });

  it('begins spooling when an append takes too long, and one that lands after all is not repeated', async () => {
    await start();
    const miner = await gateway.ready();
    log.hold();
    for (let i = 0; i < 5; i++) {
      expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
      expect(await logState()).toBe('spooling, since the log is away: it has not taken an append for 150 ms');
    }
    expect(log.waiting).toBe(1);
    expect(tallies().spooledRecords).toBe(5);
    expect(await countLogged()).toBe(0);
    log.release();
    await drained();
    expect(await countLogged()).toBe(5);
  });

  it('does not append again what stands in the log, though its append said that it failed', async () => {
    await start();
    const miner = await gateway.ready();
    log.lose();
    for (let i = 0; i < 5; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    await eventually(() => log.failures >= 3, 'attempts to drain as well');
    log.release();
    await drained();
    const all = (await logged()).flat().map(({ nonce, atUs }) => `${nonce} ${atUs}`);
    expect([all.length, new Set(all).size]).toEqual([5, 5]);
  });

  it('appends it again to the same partition, where it counts once, if it cannot be looked for', async () => {
    log.hideBounds();
    await start();
    const miner = await gateway.ready();
    log.lose();
    for (let i = 0; i < 5; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    log.release();
    await drained();
    const partitions = (await logged()).map((shares) => shares.map(({ nonce, atUs }) => `${nonce} ${atUs}`));
    const all = partitions.flat();
    expect(new Set(all).size).toBe(5);
    for (const share of all) expect(partitions.filter((shares) => shares.includes(share))).toHaveLength(1);
    expect(all.length).toBeGreaterThan(5);
  });

  it('refuses what the log refuses for good, as it does without a spool', async () => {
    await start();
    const miner = await gateway.ready();
    log.fail(false);
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ error: [20, 'share log unavailable', null] });
    expect(tallies().spooledRecords).toBe(0);
  });
});

describe('a start', () => {
  it('while the log is away listens, answers and spools', async () => {
    log.away();
    await start();
    expect(await logState()).toMatch(/^spooling/);
    const miner = await gateway.ready();
    for (let i = 0; i < 6; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    log.release();
    await drained();
    const partitions = await logged();
    expect(partitions.map(({ length }) => length).sort()).toEqual([3, 3]);
    // From now on the gateway knows the partitions itself.
    for (let i = 0; i < 4; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect((await logged()).map(({ length }) => length).sort()).toEqual([5, 5]);
  });

  it('drains what the run before left behind, and new shares go behind it', async () => {
    await start();
    const miner = await gateway.ready();
    await eventually(async () => (await gateway.running.events()).length === 2, 'the first events');
    log.away();
    for (let i = 0; i < 10; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    await gateway.running.stop();
    // The disconnect is told of as well.
    expect(spool.stats().records).toBe(11);
    expect(await countLogged()).toBe(0);

    await start();
    const next = await gateway.ready();
    expect(await next.submit(WORKER, next.mine())).toMatchObject({ result: true });
    log.release();
    await drained();
    expect(await countLogged()).toBe(11);
    expect((await gateway.running.events()).map(({ type }) => type)).toEqual([
      'gateway_started',
      'authorized',
      'disconnected',
      'gateway_started',
      'authorized',
    ]);
  });
});

describe('a stop', () => {
  it('leaves nothing in the spool when the log answers', async () => {
    await start();
    const miner = await gateway.ready();
    log.away();
    for (let i = 0; i < 10; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    log.release();
    await gateway.running.stop();
    expect(spool.stats().records).toBe(0);
    expect(await countLogged()).toBe(10);
  });
});

describe('at its bound', () => {
  it('refuses shares, says so, and takes the very same ones again when there is room', async () => {
    await spool.close();
    // Room for the margin and some shares besides.
    spool = await openLmdbSpool({ dir, clock: systemClock, maxBytes: 2 ** 20 + 30_000 });
    await start();
    const miner = await gateway.ready();
    log.away();
    let acked = 0;
    let refused = miner.mine();
    while ((await miner.submit(WORKER, refused)).result === true) {
      acked++;
      refused = miner.mine();
    }
    expect(acked).toBeGreaterThan(5);
    expect(await miner.submit(WORKER, refused)).toMatchObject({ error: [20, 'share log unavailable', null] });
    expect(tallies().unavailable).toBe(2);
    expect(await gateway.running.gateway.ready()).toMatchObject({
      ready: false,
      checks: { log: 'the spool is full, and the log is away: the log is away' },
    });
    log.release();
    await eventually(async () => (await miner.submit(WORKER, refused)).result === true, 'the share to be taken');
    expect(await miner.submit(WORKER, refused)).toMatchObject({ error: [22, 'Duplicate share', null] });
    await drained();
    expect(await countLogged()).toBe(acked + 2);
  });
});

// The whole gateway over real sockets: what a miner sends, what it is answered, what is in the log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { REJECT_CODE, REJECT_REASONS, meetsTarget, rolledVersion, targetFromDifficulty } from '@assay/mining';
import { createProver } from '@assay/pow';
import type { SubmittedBlock } from '@assay/share-block';
import { WORKER, eventually, gatewayFixture } from './testing/fixture.ts';

const gateway = gatewayFixture();

/** Whether every accepted share of the block, hashed by the plain reference, meets the target of its difficulty. */
function proves(block: SubmittedBlock): boolean {
  const { count, extranonce1, extranonce2 } = block;
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => extranonce1.offsets[i]! + extranonce2.offsets[i]!);
  const parts = Array.from({ length: count }, (_, i) => [
    extranonce1.bytes.subarray(extranonce1.offsets[i], extranonce1.offsets[i + 1]),
    extranonce2.bytes.subarray(extranonce2.offsets[i], extranonce2.offsets[i + 1]),
  ]);
  const version = Uint32Array.from({ length: count }, (_, i) =>
    rolledVersion(block.jobs[block.job[i]!]!.version, block.versionMask[i]!, block.versionBits[i]!),
  );
  const hashes = new Uint8Array(32 * count);
  const { algorithm } = block.jobs[0]!;
  createProver(algorithm, 'reference').hash(
    { ...block, extranonce: { offsets, bytes: Buffer.concat(parts.flat()) }, version },
    hashes,
  );
  return Array.from({ length: count }, (_, i) =>
    meetsTarget(hashes, 32 * i, targetFromDifficulty(block.difficulty[i]!, algorithm)),
  ).every(Boolean);
}

describe('a share', () => {
  it('is accepted only with its block in the log, and can be proved again from it', async () => {
    const { blocks } = await gateway.start();
    const miner = await gateway.ready();
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true, error: null });
    const [block] = await blocks();
    expect(block).toMatchObject({ count: 1, gateway: 'gateway-1' });
    expect(block!.worker.values[block!.worker.codes[0]!]).toBe(WORKER);
    expect(block!.tenant.values[block!.tenant.codes[0]!]).toBe('acme');
    expect(block!.rejectCode[0]).toBe(REJECT_CODE['']);
    expect(block!.difficulty[0]).toBe(miner.job.difficulty);
    expect(proves(block!)).toBe(true);
  });

  it('is accepted with rolled version bits, and without any where rolling was granted', async () => {
    const { blocks } = await gateway.start();
    const miner = await gateway.connect();
    await miner.call('mining.configure', [['version-rolling'], { 'version-rolling.mask': 'ffffffff' }]);
    await miner.subscribe();
    await miner.call('mining.authorize', [WORKER, 'x']);
    await miner.until(() => miner.jobs.length > 0, 'a job');
    const version = (parseInt(miner.job.version, 16) & ~0x1fffe000) | 0x00a34000;
    expect(await miner.submit(WORKER, miner.mine(miner.job, miner.difficulty, { version }), '00a34000')).toMatchObject({
      result: true,
    });
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect((await blocks()).every(proves)).toBe(true);
  });

  it('is logged with its reason when it is rejected, and answered with the number of stratum', async () => {
    const { blocks } = await gateway.start({ minDifficulty: 1e-8, startDifficulty: 1e-6 });
    const early = await gateway.connect();
    expect(
      await early.submit(WORKER, {
        jobId: '00000000',
        extranonce2: '00'.repeat(4),
        ntime: '65a1b2c3',
        nonce: '00000000',
      }),
    ).toMatchObject({
      result: false,
      error: [25, 'Not subscribed', null],
    });
    const miner = await gateway.ready();
    const share = miner.mine();
    const said = async (changes: object, worker = WORKER): Promise<unknown> => {
      const { result, error } = await miner.submit(worker, { ...share, ...changes });
      return result === true || (error as unknown[])[0];
    };
    expect(await said({})).toBe(true);
    expect(await said({})).toBe(22);
    expect(await said({ nonce: share.nonce.toUpperCase().replace(/^0+(?=.)/, '') })).toBe(22);
    expect(await said({ jobId: 'ffffffff' })).toBe(21);
    expect(await said({ extranonce2: '00' })).toBe(20);
    expect(await said({ nonce: 'xyz' })).toBe(20);
    expect(await said({ ntime: (parseInt(share.ntime, 16) + 7001).toString(16) })).toBe(20);
    expect(await said({}, 'acme.other')).toBe(24);
    expect((await miner.submit(WORKER, { ...share, extranonce2: 'ab'.repeat(4) }, '00002000')).error).toEqual([
      20,
      'Version bits outside the mask',
      null,
    ]);
    // One in a million hashes would do.
    expect(await said({ extranonce2: 'cd'.repeat(4) })).toBe(23);
    const logged = (await blocks()).flatMap((block) => [...block.rejectCode.subarray(0, block.count)]);
    const count = (reason: (typeof REJECT_REASONS)[number]): number =>
      logged.filter((code) => code === REJECT_CODE[reason]).length;
    expect(Object.fromEntries(REJECT_REASONS.map((reason) => [reason, count(reason)]))).toEqual({
      '': 1,
      malformed: 2,
      not_subscribed: 1,
      unauthorized: 1,
      unknown_job: 1,
      stale: 0,
      duplicate: 2,
      ntime_out_of_range: 1,
      version_bits: 1,
      low_difficulty: 1,
      rate_limited: 0,
      unproven: 0,
    });
    // Who named a worker it was not authorized for is put on no one's record.
    const workers = (await blocks()).flatMap((block) =>
      [...block.worker.codes].map((code) => block.worker.values[code]!),
    );
    expect(workers.filter((name) => name === '')).toHaveLength(2);
    expect(workers).not.toContain('acme.other');
  });

  it('goes stale with clean jobs and stays good with others', async () => {
    const { log } = await gateway.start();
    const miner = await gateway.ready();
    const command = async (newBlock: boolean): Promise<void> => {
      const before = miner.jobs.length;
      await log.append('control', [{ value: Buffer.from(JSON.stringify({ type: 'job_refresh', newBlock })) }]);
      await miner.until(() => miner.jobs.length > before, 'a new job');
    };
    const [first, second] = [miner.mine(), miner.mine()];
    await command(false);
    expect(miner.job.clean).toBe(false);
    expect(await miner.submit(WORKER, first)).toMatchObject({ result: true });
    await command(true);
    expect(miner.job.clean).toBe(true);
    expect(await miner.submit(WORKER, second)).toMatchObject({ result: false, error: [21, 'Stale share', null] });
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
  });

  it('is durable on LMDB when it is answered', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'assay-gateway-'));
    const log = await openLmdbEventLog({ dir, clock: systemClock });
    try {
      await log.ensureTopics(topicSpecs(2));
      const { blocks, stop } = await gateway.start({}, { log });
      const miners = await Promise.all(Array.from({ length: 8 }, (_, i) => gateway.ready(`acme.south.m${i}`)));
      const replies = await Promise.all(
        miners.flatMap((miner, i) => Array.from({ length: 5 }, () => miner.submit(`acme.south.m${i}`, miner.mine()))),
      );
      expect(replies.every(({ result }) => result === true)).toBe(true);
      const logged = await blocks();
      expect(logged.reduce((sum, { count }) => sum + count, 0)).toBe(40);
      expect(logged.every(proves)).toBe(true);
      await stop();
    } finally {
      await log.close();
      rmSync(dir, { recursive: true });
    }
  });

  it('of scrypt takes the same way', async () => {
    const { blocks } = await gateway.start({
      algorithm: 'scrypt',
      minDifficulty: 1e-8,
      startDifficulty: 1e-8,
      maxDifficulty: 1e-8,
    });
    const miner = await gateway.ready();
    // Difficulty 1e-8 of scrypt asks for less than one hash: every nonce is a share.
    const share = { jobId: miner.job.id, extranonce2: '00'.repeat(4), ntime: miner.job.ntime, nonce: '00000001' };
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) => miner.submit(WORKER, { ...share, nonce: i.toString(16) })),
    );
    expect(replies.every(({ result }) => result === true)).toBe(true);
    expect(proves((await blocks())[0]!)).toBe(true);
  });
});

describe('a new job', () => {
  it('reaches every miner, whatever each was sent before', async () => {
    const { log } = await gateway.start();
    const miners = await Promise.all(Array.from({ length: 30 }, (_, i) => gateway.ready(`acme.farm.m${i}`)));
    await miners[0]!.call('mining.suggest_difficulty', [2e-8]);
    await log.append('control', [{ value: Buffer.from('{"type":"job_refresh"}') }]);
    for (const miner of miners)
      await miner.until(() => miner.job.id !== miners[0]!.jobs[0]!.id && miner.job.id.endsWith('00'), 'the new job');
    expect(new Set(miners.map((miner) => miner.job.id)).size).toBe(1);
    expect(new Set(miners.map((miner) => miner.extranonce1)).size).toBe(30);
    expect(miners[0]!.job.difficulty).toBe(2e-8);
    for (const [i, miner] of miners.entries())
      expect(await miner.submit(`acme.farm.m${i}`, miner.mine())).toMatchObject({ result: true });
  });
});

describe('worker events', () => {
  it('tell of the start, of authorized workers and of their leaving', async () => {
    const { events } = await gateway.start({ gatewayName: 'edge-7' });
    const miner = await gateway.ready('acme.north.m1', 'rate=100T,interval=5m');
    await miner.call('mining.authorize', ['acme.north.m2', 'x']);
    await miner.call('mining.authorize', ['acme.north.m2', 'x']);
    await miner.close();
    await eventually(async () => (await events()).length >= 5, 'five events');
    const all = await events();
    const common = { gateway: 'edge-7', tenant: 'acme', connection: '1' };
    expect(all).toMatchObject([
      { type: 'gateway_started', gateway: 'edge-7' },
      {
        ...common,
        type: 'authorized',
        worker: 'acme.north.m1',
        expectedHashRateHs: 100e12,
        reportingIntervalSeconds: 300,
        algorithm: 'sha256d',
        userAgent: 'test-miner/1.0',
        remoteAddress: '127.0.0.1',
      },
      { ...common, type: 'authorized', worker: 'acme.north.m2' },
      { ...common, type: 'disconnected', worker: 'acme.north.m1', reason: 'closed' },
      { ...common, type: 'disconnected', worker: 'acme.north.m2', reason: 'closed' },
    ]);
    expect((all[1] as { difficulty: number }).difficulty).toBeGreaterThan(0);
  });

  it('say shutdown when the gateway stops', async () => {
    const { events, stop } = await gateway.start();
    const miner = await gateway.ready();
    await stop();
    await miner.until(() => miner.closed, 'the close');
    expect((await events()).at(-1)).toMatchObject({ type: 'disconnected', worker: WORKER, reason: 'shutdown' });
  });
});

describe('operators', () => {
  it('can send miners elsewhere and show them messages', async () => {
    const { log, gateway: running } = await gateway.start();
    const [one, two] = [await gateway.ready('acme.a'), await gateway.ready('acme.b')];
    const command = (value: object): Promise<unknown> =>
      log.append('control', [{ value: Buffer.from(JSON.stringify(value)) }]);
    await command({ type: 'from another service' });
    await command({ type: 'show_message', text: 'to nobody in particular' });
    await command({ type: 'show_message', worker: 'acme.a', text: 'hot' });
    await command({ type: 'reconnect', all: true, host: 'other.example', port: 3334, waitSeconds: 3 });
    const called = (method: string) => (message: { readonly method?: string }) => message.method === method;
    for (const miner of [one, two])
      await miner.until(() => miner.messages.some(called('client.reconnect')), 'the reconnect');
    expect(two.messages.find(called('client.reconnect'))!.params).toEqual(['other.example', 3334, 3]);
    expect(one.messages.find(called('client.show_message'))!.params).toEqual(['hot']);
    expect(two.messages.some(called('client.show_message'))).toBe(false);
    expect(running.tallies.unknownControls).toBe(2);
  });
});

describe('metrics', () => {
  it('count what happened', async () => {
    const { registry } = await gateway.start();
    const miner = await gateway.ready();
    const share = miner.mine();
    await miner.submit(WORKER, share);
    await miner.submit(WORKER, share);
    const text = await registry.metrics();
    for (const line of [
      'assay_stratum_gateway_shares_total{verdict="accepted",reason=""} 1',
      'assay_stratum_gateway_shares_total{verdict="rejected",reason="duplicate"} 1',
      'assay_stratum_gateway_connections 1',
      'assay_stratum_gateway_workers 1',
      'assay_stratum_gateway_pending_shares 0',
      'assay_stratum_gateway_acknowledgement_seconds_bucket{le="+Inf"} 2',
      'assay_stratum_gateway_acknowledgement_seconds_count 2',
      'assay_stratum_gateway_batch_shares_bucket{le="1"} 2',
    ]) {
      expect(text).toContain(line);
    }
  });
});

// The scripts against the adapter in memory, which is the model: whatever is brought, in whatever order and through whichever of two
// connections, the same is taken and the same numbers come out.
import { randomUUID } from 'node:crypto';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the model, in tests only
import { MemoryLiveState } from '@assay/adapter-memory';
import { Random } from '@assay/kernel';
import type { LiveDelta, LiveOutcome, LiveState, LiveUpdate, LiveWorker } from '@assay/live-state';
import { byWindow, LIVE_WINDOWS } from '@assay/live-state';
import type { WorkerEvent } from '@assay/tenancy';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { joined, packPieces } from './packing.ts';
import { openRedisLiveState, type RedisLiveState } from './redis-live-state.ts';
import { APPLY } from './scripts.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    redis: string;
  }
}

const START_US = 1_760_000_000_000_000;
const WORKERS = Array.from({ length: 40 }, (_, i) => `${i % 3 === 0 ? 'acme' : 'beta'}.site.m${i}ü`);
const PARTITIONS = 3;

let admin: Redis;
beforeAll(() => void (admin = new Redis(inject('redis'))));
afterAll(() => void admin.disconnect());

describe('live state in Redis, held to the one in memory', () => {
  let nowUs: number;
  let keyPrefix: string;
  let model: MemoryLiveState;
  let adapters: RedisLiveState[];
  const clock = { nowUs: () => nowUs };
  const keys = (): Promise<string[]> => admin.keys(`{${keyPrefix}live}:*`);

  beforeEach(async () => {
    nowUs = START_US;
    keyPrefix = `model-${randomUUID()}:`;
    model = new MemoryLiveState({ clock });
    const options = { url: inject('redis'), keyPrefix, clock, commandTimeoutMs: 10_000 };
    adapters = await Promise.all([1, 2].map(() => openRedisLiveState(options)));
  });
  afterEach(async () => {
    await Promise.all(adapters.map((live) => live.close()));
    const left = await keys();
    if (left.length > 0) await admin.del(left);
  });

  /** Both begin with what `of` brings, and stand at 0. */
  const begin = async (partitions = PARTITIONS): Promise<void> => {
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: 's', partition }));
    for (const live of [model, adapters[0]!] as LiveState[]) {
      await live.rebuild('', async () => ({
        workers: [],
        partitions: places.map((place) => ({ ...place, fromOffset: 0, submittedFromUs: 0 })),
      }));
      for (const { partition } of places) {
        const nothing = update(partition, 0, 0, [], []);
        const outcome = await live.apply(nothing);
        if (outcome.kind !== 'behind') throw new Error(outcome.kind);
        await live.apply({ ...nothing, fills: outcome.gap.token });
      }
    }
  };
  const update = (
    partition: number,
    fromOffset: number,
    endOffset: number,
    deltas: readonly LiveDelta[],
    events: readonly WorkerEvent[],
  ): LiveUpdate => ({ topic: 's', partition, lineage: 'l', fromOffset, endOffset, reachedUs: nowUs, deltas, events });

  const randomDelta = (random: Random): LiveDelta => {
    const worker = random.pick(WORKERS);
    const atUs = nowUs - random.below(random.chance(0.1) ? 90_000_000_000 : 20_000_000) + 5_000_000 * random.float();
    const difficulty = random.chance(0.3) ? 2 ** random.below(40) : random.float() * 1e6;
    const shares = random.below(5);
    const work = shares * difficulty;
    return {
      tenant: worker.split('.')[0]!,
      worker,
      algorithm: random.chance(0.02) ? '' : random.chance(0.02) ? 'scrypt' : 'sha256d',
      accepted: shares,
      sinceUs: Math.floor(atUs),
      bestShareDifficulty: difficulty * random.float() * 100,
      lastShareAtUs: shares === 0 ? 0 : Math.floor(atUs),
      difficulty,
      difficultyAtUs: Math.floor(atUs),
      decayed: byWindow(() => ({ atUs, work, workSquared: work * difficulty })),
    };
  };
  const randomEvent = (random: Random): WorkerEvent => {
    const happened = { atUs: nowUs - random.below(5_000_000), gateway: random.pick(['g1', 'g2', 'g22', 'ĝ\u0000']) };
    if (random.chance(0.05)) return { type: 'gateway_started', ...happened };
    const worker = random.pick(WORKERS);
    const toWorker = { ...happened, tenant: worker.split('.')[0]!, worker, connection: `c${random.below(6)}` };
    if (random.chance(0.4)) return { type: 'disconnected', ...toWorker, reason: 'closed' };
    const facts = { algorithm: 'sha256d', remoteAddress: '10.0.0.1', userAgent: `a${random.below(9)}`, difficulty: random.float() } as const;
    return { type: 'authorized', ...toWorker, ...facts, ...(random.chance(0.5) ? { expectedHashRateHs: 1e14 * random.float() } : {}) };
  }; // prettier-ignore

  const flat = ({ rates, ...facts }: LiveWorker): Record<string, unknown> => ({
    ...facts,
    ...Object.fromEntries(
      LIVE_WINDOWS.flatMap(({ name }) => {
        const { hashRateHs, lowHs, highHs } = rates[name];
        return [[`${name}`, hashRateHs], [`${name} low`, lowHs], [`${name} high`, highHs]]; // prettier-ignore
      }),
    ),
  });
  const expectSame = async (): Promise<void> => {
    const byName = (a: LiveWorker, b: LiveWorker): number => (a.worker < b.worker ? -1 : 1);
    const [want, have] = await Promise.all(
      [model, adapters[1]!].map(async (live) => [...(await live.workers(nowUs))].sort(byName).map(flat)),
    );
    expect(have!.map((worker) => worker['worker'])).toEqual(want!.map((worker) => worker['worker']));
    want!.forEach((worker, i) => {
      for (const [name, value] of Object.entries(worker)) {
        const is = have![i]![name];
        if (typeof value !== 'number') expect(is, `${String(worker['worker'])} ${name}`).toEqual(value);
        else expect(Math.abs((is as number) - value), name).toBeLessThanOrEqual(1e-9 * Math.abs(value));
      }
    });
    expect(await adapters[1]!.standing(nowUs)).toEqual(await model.standing(nowUs));
  };

  it.each([1, 2, 3])('seed %i: the same is taken, and the same numbers come out', async (seed) => {
    const random = new Random(seed);
    await begin();
    const next = new Array<number>(PARTITIONS).fill(0);
    const kinds = new Set<string>();
    for (let step = 0; step < 250; step++) {
      nowUs += random.below(3_000_000);
      const partition = random.below(PARTITIONS);
      // Mostly what comes next; now and then what came before, or what comes after a gap.
      const from = Math.max(0, next[partition]! + (random.chance(0.8) ? 0 : random.below(7) - 4));
      const end = from + random.below(4);
      const deltas = Array.from({ length: random.below(12) }, () => randomDelta(random));
      const events = Array.from({ length: random.below(5) }, () => randomEvent(random));
      let brought = update(partition, from, end, end === from ? [] : deltas, end === from ? [] : events);
      let want = await model.apply(brought);
      const through = random.pick(adapters);
      let have = await through.apply(brought);
      expect(have.kind).toBe(want.kind);
      kinds.add(want.kind);
      if (want.kind === 'behind' && have.kind === 'behind' && random.chance(0.5)) {
        expect(withoutNames(have)).toEqual(withoutNames(want));
        brought = { ...brought, deltas, events };
        [want, have] = [
          await model.apply({ ...brought, fills: want.gap.token }),
          await through.apply({ ...brought, fills: have.gap.token }),
        ];
        expect(have.kind).toBe(want.kind);
      }
      if (want.kind === 'applied') next[partition] = end;
    }
    expect([...kinds].sort()).toEqual(['applied', 'behind', 'repeated']);
    await expectSame();
  });

  /** Accepted shares of as many workers. */
  const many = (count: number): LiveDelta[] =>
    Array.from({ length: count }, (_, i) => {
      const random = randomDelta(new Random(i));
      const lastShareAtUs = random.difficultyAtUs;
      return { ...random, worker: `acme.m${i}`, accepted: 1, algorithm: 'sha256d', lastShareAtUs };
    });

  it('takes an update of very many workers and events in pieces, as one', async () => {
    await begin(1);
    const [live, other] = adapters as [RedisLiveState, RedisLiveState];
    const random = new Random(5);
    const large = update(
      0,
      0,
      9,
      many(3_500),
      Array.from({ length: 1_500 }, () => randomEvent(random)),
    );
    expect(await model.apply(large)).toEqual({ kind: 'applied' });
    expect((await Promise.all([live.apply(large), other.apply(large), live.apply(large)])).map(({ kind }) => kind).sort()).toEqual(['applied', 'repeated', 'repeated']); // prettier-ignore
    await expectSame();
    expect(await other.apply(large)).toEqual({ kind: 'repeated' });
    expect(await live.apply(update(0, 50, 60, many(1_500), []))).toMatchObject({
      kind: 'behind',
      gap: { fromOffset: 9 },
    });
    expect((await keys()).filter((key) => key.includes('parked'))).toEqual([]);
    await expectSame();
  });

  /** What is left of a process that died when its update was accepted. */
  const dieWith = async (large: LiveUpdate): Promise<string> => {
    const parked = randomUUID();
    const key = (name: string): string => `{${keyPrefix}live}:${name}`;
    const pieces = packPieces(large);
    await admin.rpush(key(`parked:${parked}`), ...pieces.map(joined));
    const state = ['meta', 'partitions', 'workers', 'changed', 'connections', 'gateways'].map(key);
    const place = [`${large.topic}:${large.partition}`, large.lineage!, large.fromOffset, large.endOffset, '', large.reachedUs];
    const answer = await admin.eval(APPLY.source, 7, ...state, key(`parked:${parked}`), ...place, parked, nowUs, 1e6, key('changes'), pieces.length, '');
    expect(answer).toEqual(['parked', parked]);
    return key(`parked:${parked}`);
  }; // prettier-ignore

  it('finishes what another process left in the middle, before anything else of the partition', async () => {
    await begin(1);
    const large = update(0, 0, 9, many(2_500), []);
    await dieWith(large);
    const [live, other] = adapters as [RedisLiveState, RedisLiveState];
    const small = update(0, 9, 10, many(3), []);
    const outcomes: LiveOutcome[] = await Promise.all([live.apply(small), other.apply(large)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'repeated']);
    for (const each of [large, small]) await model.apply(each);
    await expectSame();
  });

  it('is lost when pieces of an accepted update are gone: nobody could say which of them are in', async () => {
    await begin(1);
    const list = await dieWith(update(0, 0, 9, many(2_500), []));
    await admin.lpop(list);
    await admin.del(list);
    expect(await adapters[0]!.apply(update(0, 9, 10, [], []))).toEqual({ kind: 'lost', epoch: '' });
  });

  it('leaves no key without an end', async () => {
    await begin();
    const random = new Random(9);
    await adapters[0]!.apply(update(0, 0, 9, many(1_200), Array.from({ length: 20 }, () => randomEvent(random)))); // prettier-ignore
    const left = await keys();
    expect(left).toHaveLength(6);
    for (const key of left) expect(await admin.ttl(key), key).toBeGreaterThan(3_600);
  });

  it('tells that all may have changed where there are too many to name', async () => {
    await begin(1);
    const heard: unknown[] = [];
    const subscriber = admin.duplicate();
    await subscriber.subscribe(`{${keyPrefix}live}:changes`);
    subscriber.on('message', (_, message: string) => heard.push(message));
    const long = many(900).map((delta) => ({ ...delta, worker: `${delta.worker}.${'x'.repeat(100)}` }));
    await adapters[0]!.apply(update(0, 0, 1, many(2), []));
    await adapters[0]!.apply(update(0, 1, 2, long, []));
    await expect.poll(() => heard).toEqual(['["acme.m0","acme.m1"]', '*']);
    subscriber.disconnect();
  });
});

function withoutNames(outcome: LiveOutcome & { kind: 'behind' }): unknown {
  return { ...outcome.gap, token: '', epoch: '' };
}

// Two pools that misbehave all the time, and shares found all the time: whatever happens, each share is on record once, what we call accepted
// the pool has credited, what it has credited we do not call refused, and the pool finds no fault with us.
import { isDeepStrictEqual } from 'node:util';
import { Random } from '@assay/kernel';
// eslint-disable-next-line @nx/enforce-module-boundaries -- simulated pools, in tests only
import type { CountingPool } from '@assay/sim';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EASY, UpstreamLab } from '../testing/upstream-lab.ts';

const SHARES = 1500;
const SHARES_BETWEEN = 12;

let lab: UpstreamLab;
beforeEach(() => void (lab = new UpstreamLab()));
afterEach(() => lab.end());

/** What is done to a pool, one after the other by chance. */
const DISTURBANCES: readonly ((pool: CountingPool, random: Random) => unknown)[] = [
  (pool) => pool.newJob(false),
  (pool) => pool.newJob(true),
  (pool) => pool.dropAll(),
  (pool) => pool.changeExtranonce(),
  (pool, random) => (pool.setDifficulty(EASY * (0.5 + random.float())), pool.newJob(false)),
  (pool) => pool.reconnect('127.0.0.1', pool.port),
  (pool) => pool.reconnect('evil.example', 1),
  (pool) => pool.say('{"id":null,"method":"mining.notify","params":["x",1]}\n'),
  (pool) => (pool.mute = !pool.mute),
  (pool, random) => (pool.answerDelayMs = random.below(40)),
  async (pool, random) => {
    await pool.stop();
    await new Promise((resolve) => setTimeout(resolve, random.below(200)));
    await pool.start();
  },
];

it.each([1, 2, 3])(
  'reconciles to the share, whatever pools do (seed %i)',
  async (seed) => {
    const random = new Random(seed);
    const pools = [
      await lab.pool({ resumes: true }),
      await lab.pool({ resumes: seed % 2 === 0, versionMask: 0x00ffe000 }),
    ];
    lab.begin({ failBackSeconds: 0.2, answerSeconds: 0.5, resendSeconds: 2, retrySeconds: 0.1 });
    await lab.job();
    const found = new Set<string>();
    let disturbing: Promise<unknown> = Promise.resolve();
    for (let i = 0; i < SHARES; i++) {
      found.add(
        lab.mine({ on: lab.goodJob(random), worker: `acme.m${random.below(5)}`, bits: random.below(2) * 0x2000 }),
      );
      // Every few shares the event loop turns, so that lines come and go between them.
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (i % SHARES_BETWEEN === 0) {
        await disturbing;
        const pool = random.pick(pools);
        disturbing = Promise.resolve(random.pick(DISTURBANCES)(pool, random));
      }
    }
    await disturbing;
    for (const pool of pools) pool.mute = false;
    await lab.source.stop();

    expect(new Set(lab.shares.map(({ hash }) => hash))).toEqual(found);
    expect(lab.shares).toHaveLength(SHARES);
    const creditOf = (hash: string): unknown[] =>
      pools.flatMap(({ credited, port }) => {
        const share = credited.get(hash);
        return share === undefined ? [] : [{ endpoint: `127.0.0.1:${port}`, difficulty: share.difficulty.toFixed(8) }];
      });
    const verdicts = new Map<string, number>();
    const wrong = lab.shares.flatMap(({ hash, verdict, endpoint, upstreamDifficulty, reason, attempts }) => {
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      const credits = creditOf(hash);
      const due = { endpoint, difficulty: upstreamDifficulty.toFixed(8) };
      const right =
        verdict === 'accepted'
          ? isDeepStrictEqual(credits, [due])
          : credits.length === 0 || (verdict === 'unanswered' && credits.length === 1);
      return right ? [] : [{ verdict, reason, attempts, due, credits }];
    });
    expect(wrong).toEqual([]);
    expect(pools.map(({ faults, refused }) => [faults, faults > 0 ? refused : undefined])).toEqual(pools.map(() => [0, undefined])); // prettier-ignore
    // Pools that are mute half of the time leave much unanswered; there was something to compare all the same.
    expect(verdicts.get('accepted')).toBeGreaterThan(SHARES / 5);
    expect(lab.source.switches).toBeGreaterThan(1);
  },
  60_000,
);

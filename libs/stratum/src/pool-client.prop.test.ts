// Whatever a pool sends, in whatever order: nothing throws, what is told is within bounds, and little is kept.
import { MAX_COINBASE_BYTES, MAX_DIFFICULTY, MIN_DIFFICULTY } from '@assay/mining';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PoolClient } from './pool-client.ts';

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => Buffer.from(raw).toString('hex'));
const word = hex(4);
const anything = fc.anything({ maxDepth: 2, withNullPrototype: false });
const orAnything = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: anything });

const notify = fc.tuple(
  orAnything(fc.oneof(fc.string(), fc.nat())),
  orAnything(hex(32)),
  orAnything(hex(60)),
  orAnything(hex(40)),
  orAnything(fc.array(orAnything(hex(32)), { maxLength: 16 })),
  orAnything(word),
  orAnything(fc.constantFrom('1d00ffff', '207fffff', '17021a91')),
  orAnything(word),
  orAnything(fc.boolean()),
);
const call = (method: string, params: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.record({ id: fc.constantFrom(null, 1, 'x', 0), method: fc.constant(method), params });
const message = fc.oneof(
  { weight: 6, arbitrary: call('mining.notify', notify) },
  {
    weight: 3,
    arbitrary: call(
      'mining.set_difficulty',
      fc.tuple(fc.oneof(fc.double({ min: 1e-9, max: 1e16 }), fc.double(), fc.string(), anything)),
    ),
  },
  { weight: 2, arbitrary: call('mining.set_extranonce', fc.tuple(orAnything(hex(4)), orAnything(fc.integer({ max: 20 })))) }, // prettier-ignore
  { weight: 2, arbitrary: call('mining.set_version_mask', fc.tuple(orAnything(word))) },
  { weight: 2, arbitrary: call('client.reconnect', fc.array(anything, { maxLength: 3 })) },
  { weight: 1, arbitrary: call('client.show_message', fc.array(anything)) },
  { weight: 1, arbitrary: fc.string().chain((method) => call(method, anything)) },
  {
    weight: 6,
    arbitrary: fc.record({
      id: fc.oneof(fc.integer({ min: 1, max: 6 }), anything),
      result: fc.oneof(fc.constant(true), fc.tuple(anything, orAnything(hex(4)), orAnything(fc.constant(8))), anything),
      error: fc.oneof(fc.constant(null), anything),
    }),
  },
);
const line = fc.oneof(
  { weight: 20, arbitrary: message.map((value) => Buffer.from(text(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)) },
);

/** JSON, or what is none where the value has none. */
function text(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return 'not json';
  }
}

it('takes anything, and tells only what machines and the log can take', () => {
  let told = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 20, maxLength: 60 }), fc.boolean(), (lines, handshake) => {
      const client = new PoolClient({
        agent: 'assay/1.0',
        user: 'farm',
        password: 'x',
        versionMask: 0x1fffe000,
        extensions: ['configure', 'extranonce'],
        leastExtranonce2Bytes: 8,
        sessionId: '',
        host: 'pool.example',
        port: 3333,
      });
      client.begin();
      const good = [
        '{"id":2,"result":[[],"0a0b",8]}',
        '{"id":3,"result":true}',
        '{"method":"mining.set_difficulty","params":[1]}',
      ].map((one) => Buffer.from(one));
      for (const bytes of [...(handshake ? good : []), ...lines]) {
        for (const effect of client.receive(bytes, 0, bytes.length)) {
          if (effect.type !== 'job') continue;
          told++;
          const { job } = effect;
          expect(job.difficulty).toBeGreaterThanOrEqual(MIN_DIFFICULTY);
          expect(job.difficulty).toBeLessThanOrEqual(MAX_DIFFICULTY);
          expect(job.extranonce2Bytes).toBeGreaterThanOrEqual(8);
          expect(job.extranonce1.length + job.extranonce2Bytes).toBeLessThanOrEqual(32);
          expect(job.coinbase1.length + job.coinbase2.length).toBeLessThan(MAX_COINBASE_BYTES);
          expect(job.merkleBranches.length % 32).toBe(0);
          expect(job.merkleBranches.length / 32).toBeLessThanOrEqual(14);
          expect((job.versionMask & ~0x1fffe000) >>> 0).toBe(0);
          expect(JSON.parse(job.idJson) as unknown).toSatisfy((id) => String(id) === job.id);
        }
      }
      // Requests of ours: three of the handshake, and two more once subscribed.
      expect(client.unanswered).toBeLessThanOrEqual(5);
    }),
    { numRuns: 1000 },
  );
  expect(told).toBeGreaterThan(500);
});

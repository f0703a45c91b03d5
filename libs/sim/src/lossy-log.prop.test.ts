import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openMemoryEventLog, type Timer } from '@assay/adapter-memory';
import { LogError, type EventLog } from '@assay/event-log';
import { Random } from '@assay/kernel';
import { LossyLog, SimulatedCrash, type LossyLogCounts } from './lossy-log.ts';

// Delays pass at once: what matters here is the order of things, and a turn of the event loop is enough to change it.
const soon: Timer = {
  after(delayMs, run) {
    if (delayMs > 1000) return () => undefined;
    const handle = setImmediate(run);
    return () => clearImmediate(handle);
  },
};
const CHANCES = { failBefore: 0.15, failAfter: 0.15, crash: 0.15, delay: 0.3, maxDelayMs: 50 };
const VALUES = 40;

interface Outcome {
  readonly stored: number[];
  readonly consumed: number[];
  readonly resolvedAt: ReadonlyMap<number, number>;
  readonly counts: LossyLogCounts;
  readonly errors: readonly unknown[];
}

/** A producer that retries until each append resolves, and a consumer that commits after each batch, over a lossy log. */
async function simulate(seed: number): Promise<Outcome> {
  let nowUs = 1_700_000_000_000_000;
  const inner = openMemoryEventLog({ clock: { nowUs: () => nowUs++ }, timer: soon, limits: { restartPauseMs: 1 } });
  const log = new LossyLog(inner, new Random(seed), CHANCES, soon);
  await log.ensureTopics([{ name: 't', partitions: 1, retentionBytes: 2 ** 30, retentionUs: 1e15 }]);
  const consumed: number[] = [];
  const errors: unknown[] = [];
  const handle = async (session: Parameters<Parameters<EventLog['join']>[2]>[0]): Promise<void> => {
    let offset = (await session.committed())?.offset ?? 0;
    while (!session.signal.aborted) {
      const records = await session.read(offset, { maxRecords: 5, maxBytes: 1e6, waitMs: 1_000_000 });
      if (records.length === 0) continue;
      consumed.push(...records.map((record) => record.value[0]!));
      offset = records.at(-1)!.offset + 1;
      await session.commit({ offset, metadata: '' });
    }
  };
  const member = await log.join('g', ['t'], handle, (error) => errors.push(error));
  const resolvedAt = new Map<number, number>();
  for (let value = 0; value < VALUES; value++) {
    while (!resolvedAt.has(value)) {
      await log.append('t', [{ value: Uint8Array.of(value) }]).then(
        ({ baseOffset }) => resolvedAt.set(value, baseOffset),
        (error: unknown) => expect(error).toMatchObject({ code: 'unavailable', retriable: true }),
      );
    }
  }
  while ((await log.lag('g', 't')) > 0) await new Promise((resolve) => setImmediate(resolve));
  await member.close();
  const stored = (await inner.readFrom('t', 0, 0, { maxRecords: 1e6, maxBytes: 1e9, waitMs: 0 })).map(
    (record) => record.value[0]!,
  );
  await log.close();
  return { stored, consumed, resolvedAt, counts: log.counts, errors };
}

it('keeps what it said it kept, stores twice only what it failed after, and delivers everything at least once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
      const { stored, consumed, resolvedAt, counts, errors } = await simulate(seed);
      for (const [value, offset] of resolvedAt) expect(stored[offset]).toBe(value);
      expect(new Set(stored).size).toBe(VALUES);
      expect(stored.length - VALUES).toBeLessThanOrEqual(counts.failedAfter);
      expect(new Set(consumed).size).toBe(VALUES);
      expect(consumed.length).toBeGreaterThanOrEqual(stored.length);
      expect(errors.every((error) => error instanceof SimulatedCrash || error instanceof LogError)).toBe(true);
      expect(errors.filter((error) => error instanceof SimulatedCrash)).toHaveLength(counts.crashes);
    }),
    { numRuns: 40 },
  );
});

it('misbehaves in every way it can, and in the same way for the same seed', async () => {
  const first = await simulate(7);
  expect(Object.values(first.counts).every((count) => count > 0)).toBe(true);
  expect(first.stored.length).toBeGreaterThan(VALUES);
  expect(first.consumed.length).toBeGreaterThan(first.stored.length);
  expect(await simulate(7)).toEqual(first);
});

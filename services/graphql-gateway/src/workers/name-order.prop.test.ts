import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slices } from '../slices.ts';
import { inNameOrder, type NamedWorkers } from './name-order.ts';
import type { WorkerFacts } from './worker-facts.ts';

const picture = async (names: readonly string[], before: NamedWorkers | undefined): Promise<NamedWorkers> => {
  const byName = new Map(names.map((worker) => [worker, { worker } as WorkerFacts]));
  return { byName, workers: await inNameOrder(byName, before, new Slices()) };
};

describe('workers in the order of their names', () => {
  it('are sorted whoever came and went since the picture before', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uniqueArray(fc.string({ maxLength: 3 })), { maxLength: 5 }), async (pictures) => {
        let before: NamedWorkers | undefined;
        for (const names of pictures) {
          before = await picture(names, before);
          expect(before.workers.map(({ worker }) => worker)).toEqual([...names].sort());
          for (const facts of before.workers) expect(before.byName.get(facts.worker)).toBe(facts);
        }
      }),
    ));

  it('are sorted of many, while others have their turn', async () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `t.s.${(i * 7919) % 50_000}`);
    let turns = 0;
    const turn = (): void => void (turns++, (waiting = setImmediate(turn)));
    let waiting = setImmediate(turn);
    const { workers } = await picture(names, undefined);
    clearImmediate(waiting);
    expect(workers.map(({ worker }) => worker)).toEqual([...names].sort());
    expect(turns).toBeGreaterThan(10);
  });
});

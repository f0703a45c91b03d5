import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slices } from '../slices.ts';
import { inNameOrder } from './name-order.ts';
import type { WorkerFacts } from './worker-facts.ts';

interface Picture {
  readonly workers: readonly WorkerFacts[];
  readonly byName: ReadonlyMap<string, WorkerFacts>;
}

async function picture(names: readonly string[], before: Picture | undefined): Promise<Picture> {
  const byName = new Map(names.map((worker) => [worker, { worker } as WorkerFacts]));
  const ordered = await inNameOrder(byName, before, new Slices());
  return { byName, workers: ordered.map((name) => byName.get(name)!) };
}

describe('workers in the order of their names', () => {
  it('are sorted whoever came and went since the picture before', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uniqueArray(fc.string({ maxLength: 3 })), { maxLength: 5 }), async (pictures) => {
        let before: Picture | undefined;
        for (const names of pictures) {
          before = await picture(names, before);
          expect(before.workers.map(({ worker }) => worker)).toEqual([...names].sort());
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

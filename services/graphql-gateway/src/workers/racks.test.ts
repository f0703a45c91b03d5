import { describe, expect, it } from 'vitest';
import { byRack, machineName } from './racks.ts';
import type { WorkerFacts } from './worker-facts.ts';

function named(worker: string): WorkerFacts {
  return { worker, tenant: worker.split('.')[0]! } as WorkerFacts;
}

/** Racks with the names of their machines, of workers in the order of a picture. */
function racks(...names: string[]): unknown {
  return byRack(names.sort().map(named)).map(({ place: { tenant, site, rack }, workers }) => [
    [tenant, site, rack],
    workers.map(machineName),
  ]);
}

describe('byRack', () => {
  it('takes the place of a machine from its name, however many parts it has', () => {
    expect(racks('a.north.r1.m2', 'a.north.r1.m1', 'a.north.hall.r2.m1', 'a.south.m9', 'a.m5', 'b', 'c')).toEqual([
      [['a', '', ''], ['m5']],
      [['a', 'north', 'hall.r2'], ['m1']],
      [
        ['a', 'north', 'r1'],
        ['m1', 'm2'],
      ],
      [['a', 'south', ''], ['m9']],
      [['b', '', ''], ['b']],
      [['c', '', ''], ['c']],
    ]);
  });

  it('keeps a rack together whose machines another rack stands between', () => {
    expect(racks('a.n.r1', 'a.n.r2.m1', 'a.n.r3')).toEqual([
      [
        ['a', 'n', ''],
        ['r1', 'r3'],
      ],
      [['a', 'n', 'r2'], ['m1']],
    ]);
  });

  it('reads nothing of nobody', () => expect(racks()).toEqual([]));
});

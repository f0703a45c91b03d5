import { describe, expect, it } from 'vitest';
import type { FleetSnapshot } from '../workers/fleet-view.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';
import { ChangedWorkers } from './changed-workers.ts';

function picture(atUs: number, ...names: string[]): FleetSnapshot {
  const workers = names.map((worker) => ({ worker }) as WorkerFacts);
  return { atUs, live: true, workers, byName: new Map(workers.map((facts) => [facts.worker, facts])), racks: [] };
}
const every = () => true;
const names = (workers: WorkerFacts[]) => workers.map(({ worker }) => worker);

describe('changed workers', () => {
  it('waits for a picture that shows the change', () => {
    const changed = new ChangedWorkers();
    changed.add(['a'], 10);
    expect(changed.take(picture(9, 'a'), 500, every)).toEqual([]);
    expect(names(changed.take(picture(10, 'a'), 500, every))).toEqual(['a']);
    expect(changed.size).toBe(0);
  });

  it('neither starves nor forgets a worker that changes all the time', () => {
    const changed = new ChangedWorkers();
    changed.add(['a'], 10);
    changed.add(['a'], 20);
    expect(names(changed.take(picture(15, 'a'), 500, every))).toEqual(['a']);
    expect(changed.size).toBe(1);
    expect(changed.take(picture(15, 'a'), 500, every)).toEqual([]);
    expect(names(changed.take(picture(20, 'a'), 500, every))).toEqual(['a']);
    expect(changed.size).toBe(0);
  });

  it('lets a worker that changes all the time not hold up those behind it', () => {
    const changed = new ChangedWorkers();
    changed.add(['busy', 'quiet'], 10);
    changed.add(['busy'], 20);
    expect(names(changed.take(picture(15, 'busy', 'quiet'), 1, every))).toEqual(['busy']);
    changed.add(['busy'], 30);
    expect(names(changed.take(picture(25, 'busy', 'quiet'), 1, every))).toEqual(['quiet']);
    expect(names(changed.take(picture(25, 'busy', 'quiet'), 1, every))).toEqual(['busy']);
    expect(changed.size).toBe(1);
  });

  it('gives the longest waiting first, at most as many as asked for, and drops what is not wanted', () => {
    const changed = new ChangedWorkers();
    changed.add(['a', 'b', 'c', 'd'], 1);
    changed.add(['a'], 2);
    const wanted = ({ worker }: WorkerFacts) => worker !== 'b';
    expect(names(changed.take(picture(5, 'a', 'b', 'c', 'd'), 2, wanted))).toEqual(['a', 'c']);
    expect(names(changed.take(picture(5, 'a', 'b', 'c', 'd'), 2, wanted))).toEqual(['d']);
    expect(changed.size).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import type { RejectingWorker, TroubledLists, TroubledWorker } from './overview-documents.ts';
import { troubleGroups } from './trouble.ts';

function worker(name: string, change: Partial<TroubledWorker> = {}): TroubledWorker {
  return {
    name,
    status: 'ONLINE',
    lastShareAt: null,
    expectedHashRate: 1,
    contribution: { fraction: 1, low: 0.95, high: 1.05 },
    ...change,
  };
}

function rejecting(name: string, accepted: number, rejected: number): RejectingWorker {
  return {
    name,
    status: 'ONLINE',
    shares: { accepted, rejected, invalidFraction: rejected / (accepted + rejected), byReason: [] },
  };
}

const list = <W>(nodes: W[], totalCount = nodes.length): { nodes: W[]; totalCount: number } => ({ nodes, totalCount });
const healthy: TroubledLists = {
  silent: list<TroubledWorker>([]),
  offline: list<TroubledWorker>([]),
  slowest: list([worker('a')], 100),
};
const slow = worker('slow', { contribution: { fraction: 0.85, low: 0.8, high: 0.9 } });
const unlucky = worker('unlucky', { contribution: { fraction: 0.85, low: 0.7, high: 1 } });

describe('trouble', () => {
  it('leaves a healthy fleet alone', () => {
    expect(troubleGroups(healthy, list([rejecting('a', 1000, 2)], 100))).toEqual([]);
  });

  it('blames neither bad luck nor small numbers', () => {
    const groups = troubleGroups(
      { ...healthy, slowest: list([slow, unlucky], 9) },
      list([rejecting('few', 3, 1), rejecting('many', 900, 100)], 9),
    );
    expect(groups.map((group) => [group.kind, group.workers.map((each) => each.name)])).toEqual([
      ['low', ['slow']],
      ['invalid', ['many']],
    ]);
  });

  it('names no machine twice, and counts all it knows of', () => {
    const silent = Array.from({ length: 6 }, (_, i) => worker(`s${i}`, { status: 'SILENT' }));
    const groups = troubleGroups(
      { ...healthy, silent: list(silent, 41), slowest: list([slow], 30) },
      list([rejecting('slow', 900, 100)], 30),
    );
    expect(groups.map(({ kind, count, atLeast, workers }) => [kind, count, atLeast, workers.length])).toEqual([
      ['silent', 41, false, 5],
      ['low', 1, true, 1],
    ]);
  });

  it('says what it can while the history store is away', () => {
    const groups = troubleGroups({ ...healthy, slowest: list([slow]) }, undefined);
    expect(groups.map((group) => group.kind)).toEqual(['low']);
    expect(troubleGroups(healthy, list([{ name: 'a', status: 'ONLINE', shares: null }]))).toEqual([]);
  });
});

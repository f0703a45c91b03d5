import { describe, expect, it } from 'vitest';
import type { TroubledLists, TroubledWorker } from './overview-documents.ts';
import { troubleGroups } from './trouble.ts';

function worker(name: string, change: Partial<TroubledWorker> = {}): TroubledWorker {
  return {
    name,
    status: 'ONLINE',
    lastShareAt: null,
    hashRate: null,
    expectedHashRate: 1,
    contribution: { fraction: 1, low: 0.95, high: 1.05 },
    shares: { accepted: 1000, rejected: 0, invalidFraction: 0, byReason: [] },
    ...change,
  };
}

const list = (nodes: TroubledWorker[], totalCount = nodes.length): TroubledLists['silent'] => ({ nodes, totalCount });
const slow = worker('slow', { contribution: { fraction: 0.85, low: 0.8, high: 0.9 } });
const unlucky = worker('unlucky', { contribution: { fraction: 0.85, low: 0.7, high: 1 } });
const rejecting = worker('rejecting', { shares: { accepted: 900, rejected: 100, invalidFraction: 0.1, byReason: [] } });
const fewShares = worker('few', { shares: { accepted: 3, rejected: 1, invalidFraction: 0.25, byReason: [] } });

describe('trouble', () => {
  it('leaves a healthy fleet alone', () => {
    expect(troubleGroups({ silent: list([]), offline: list([]), slowest: list([worker('a')], 100), mostInvalid: list([worker('a')], 100) })).toEqual([]);
  });

  it('blames neither bad luck nor small numbers', () => {
    const groups = troubleGroups({ silent: list([]), offline: list([]), slowest: list([slow, unlucky], 9), mostInvalid: list([fewShares, rejecting], 9) });
    expect(groups.map((group) => [group.kind, group.workers.map((each) => each.name)])).toEqual([
      ['low', ['slow']],
      ['invalid', ['rejecting']],
    ]);
  });

  it('names no machine twice, and counts all it knows of', () => {
    const both = worker('both', { contribution: slow.contribution, shares: rejecting.shares });
    const silent = Array.from({ length: 6 }, (_, i) => worker(`s${i}`, { status: 'SILENT' }));
    const groups = troubleGroups({ silent: list(silent, 41), offline: list([]), slowest: list([both], 30), mostInvalid: list([both], 30) });
    expect(groups.map(({ kind, count, atLeast, workers }) => [kind, count, atLeast, workers.length])).toEqual([
      ['silent', 41, false, 5],
      ['low', 1, true, 1],
    ]);
  });
});

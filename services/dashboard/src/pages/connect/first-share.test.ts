import { describe, expect, it } from 'vitest';
import { firstShareSteps, type SeenWorker } from './first-share.ts';

const none = { accepted: 0, rejected: 0, byReason: [] };
const fresh: SeenWorker = {
  status: 'ONLINE',
  lastShareAt: null,
  userAgent: 'x',
  difficulty: 1,
  expectedHashRate: null,
  hashRate: null,
  contribution: null,
  shares: none,
};
const states = (worker: SeenWorker | null): string[] => firstShareSteps(worker).map((step) => step.state);

describe('first share', () => {
  it('turns done step by step', () => {
    expect(states(null)).toEqual(['waiting', 'waiting', 'waiting', 'waiting']);
    expect(states(fresh)).toEqual(['done', 'waiting', 'waiting', 'waiting']);
    const sharing = { ...fresh, shares: { ...none, accepted: 1 }, hashRate: { hashRate: 1, low: 0, high: 3 } };
    expect(states(sharing)).toEqual(['done', 'done', 'done', 'waiting']);
    expect(states({ ...sharing, shares: { ...none, accepted: 100 } })).toEqual(['done', 'done', 'done', 'done']);
  });

  it('says when shares come but all are rejected, and when the connection is gone', () => {
    expect(states({ ...fresh, shares: { ...none, rejected: 3 } })[1]).toBe('trouble');
    expect(states({ ...fresh, status: 'OFFLINE' })[0]).toBe('trouble');
  });
});

import { describe, expect, it } from 'vitest';
import { wholeConnections, type Opening } from './connections.ts';

function opening(atUs: number, more: Partial<Opening> = {}): Opening {
  return {
    id: String(atUs),
    worker: 'acme.m1',
    gateway: 'g1',
    connection: '7',
    atUs,
    remoteAddress: '10.0.0.1',
    userAgent: 'miner',
    difficulty: 1,
    ...more,
  };
}
const ending = (atUs: number, more: object = {}) => ({
  worker: 'acme.m1',
  gateway: 'g1',
  connection: '7',
  atUs,
  reason: 'closed',
  ...more,
});
const endsOf = (...args: Parameters<typeof wholeConnections>) =>
  wholeConnections(...args).map(({ endedAtUs, endReason }) => [endedAtUs, endReason]);

describe('a connection', () => {
  it('ends with the first end of its own after it began', () => {
    const others = [ending(5), ending(12, { connection: '8' }), ending(12, { gateway: 'g2' }), ending(40)];
    expect(endsOf([opening(10)], [...others, ending(30, { reason: 'idle' })], [])).toEqual([[30, 'idle']]);
  });

  it('ends with the next start of its gateway, after which its number may be another’s', () => {
    const starts = [
      { gateway: 'g2', atUs: 11 },
      { gateway: 'g1', atUs: 20 },
      { gateway: 'g1', atUs: 60 },
    ];
    expect(endsOf([opening(30), opening(10)], [ending(50)], starts)).toEqual([
      [50, 'closed'],
      [20, 'gateway_restarted'],
    ]);
  });

  it('lasts while nothing ended it', () => {
    expect(endsOf([opening(10)], [ending(9)], [{ gateway: 'g1', atUs: 1 }])).toEqual([[undefined, undefined]]);
  });

  it('of several workers over one socket ends for each by itself', () => {
    const found = endsOf([opening(10), opening(11, { worker: 'acme.m2' })], [ending(20)], []);
    expect(found).toEqual([
      [20, 'closed'],
      [undefined, undefined],
    ]);
  });
});

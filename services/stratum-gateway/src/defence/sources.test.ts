import { describe, expect, it } from 'vitest';
import { Source, Sources, type SourceSettings } from './sources.ts';

const settings: SourceSettings = {
  maxConnectionsPerAddress: 15,
  acceptsPerSecond: 1,
  submitsPerSecondPerAddress: 2,
  allowFrom: [],
  denyFrom: [],
  neverBanFrom: [],
  banPoints: 10,
  banGuesses: 3,
  banSeconds: 60,
  banMaxSeconds: 600,
};

function opened(sources: Sources, address: string, nowUs: number): Source {
  const source = sources.open(address, nowUs);
  expect(source).toBeInstanceOf(Source);
  return source as Source;
}

describe('sources', () => {
  it('are counted apart, refill with time, and the quiet ones are forgotten', () => {
    const sources = new Sources(settings);
    for (let i = 0; i < 10; i++) opened(sources, '192.0.2.1', 0);
    expect(sources.open('192.0.2.1', 0)).toBe('accepts_too_fast');
    const other = opened(sources, '192.0.2.2', 0);
    let one: Source | undefined;
    for (let second = 1; second <= 5; second++) one = opened(sources, '::ffff:192.0.2.1', second * 1e6);
    expect(sources.open('192.0.2.1', 60e6)).toBe('too_many_from_address');
    sources.close(one!);
    opened(sources, '192.0.2.1', 60e6);
    sources.close(other);
    sources.forgetQuiet(5e6);
    expect(sources.size).toBe(2);
    sources.forgetQuiet(100e6);
    expect(sources.size).toBe(1);
  });

  it('of one /64 are one', () => {
    const sources = new Sources(settings);
    expect(opened(sources, '2001:db8::1', 0)).toBe(opened(sources, '2001:db8::2:3', 0));
    expect(opened(sources, '2001:db8:0:1::1', 0)).not.toBe(opened(sources, '2001:db8::1', 0));
  });

  it('come in by the lists, of which the one that denies counts for more', () => {
    const sources = new Sources({ ...settings, allowFrom: ['10.0.0.0/8'], denyFrom: ['10.9.0.0/16', '::1'] });
    expect(sources.open('192.0.2.1', 0)).toBe('not_allowed');
    expect(sources.open('10.9.1.1', 0)).toBe('not_allowed');
    opened(sources, '10.8.1.1', 0);
    expect(new Sources({ ...settings, denyFrom: ['::1'] }).open('::1', 0)).toBe('not_allowed');
  });

  it('that misbehave are banned for a while, save those that never are', () => {
    const bans: string[] = [];
    const sources = new Sources({ ...settings, neverBanFrom: ['10.0.0.0/8'] }, ({ name }) => bans.push(name));
    const bad = opened(sources, '192.0.2.1', 0);
    expect(sources.misbehaved(bad, 9, 0)).toBe(false);
    expect(sources.misbehaved(bad, 1, 0)).toBe(true);
    expect(sources.open('192.0.2.1', 1e6)).toBe('banned');
    expect(sources.banned(1e6)).toBe(1);
    opened(sources, '192.0.2.1', 61e6);
    const spared = opened(sources, '10.0.0.1', 0);
    expect(sources.misbehaved(spared, 1e6, 0)).toBe(false);
    for (const secret of ['a', 'b', 'c', 'd']) expect(sources.guessed(spared, 'w', secret, 0)).toBe(false);
    expect(bans).toEqual(['192.0.2.1']);
  });

  it('that guess are banned at the third secret, however often they repeat the first', () => {
    const sources = new Sources(settings);
    const guesser = opened(sources, '192.0.2.1', 0);
    for (let i = 0; i < 100; i++) expect(sources.guessed(guesser, 'acme.a', 'one', 0)).toBe(false);
    expect(sources.guessed(guesser, 'acme.a', 'two', 0)).toBe(false);
    expect(sources.guessed(guesser, 'acme.a', 'three', 0)).toBe(true);
  });

  it('share what they may ask for', () => {
    const sources = new Sources(settings);
    const source = opened(sources, '192.0.2.1', 0);
    for (let i = 0; i < 8; i++) expect(sources.takeRequest(source, 0)).toBe(true);
    expect(sources.takeRequest(source, 0)).toBe(false);
    expect(sources.takeRequest(source, 1e6)).toBe(true);
  });

  it('are bounded, and a ban is not forgotten by a sweep', () => {
    const sources = new Sources(settings);
    const [busy, banned] = [opened(sources, '198.51.100.1', 0), opened(sources, '198.51.100.2', 0)];
    sources.misbehaved(banned, 10, 0);
    sources.close(banned);
    sources.forgetQuiet(30e6);
    expect(sources.open('198.51.100.2', 30e6)).toBe('banned');
    for (let i = 0; i < 100_000; i++) {
      const name = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      sources.close(opened(sources, name, 31e6));
    }
    expect(sources.size).toBeLessThanOrEqual(65_537);
    expect(opened(sources, '198.51.100.1', 31e6)).toBe(busy);
  });
});

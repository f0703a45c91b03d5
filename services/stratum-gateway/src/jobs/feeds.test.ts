import { describe, expect, it } from 'vitest';
import type { Algorithm } from '@assay/mining';
import { silentLogger } from '@assay/platform';
import { JobSequence } from '@assay/stratum';
import { parseUsername } from '@assay/tenancy';
import { Feed } from './feed.ts';
import { Feeds, type RoutedPort } from './feeds.ts';
import { ScriptedSource } from '../testing/scripted-source.ts';

const sequence = new JobSequence(1);
const feed = (name: string, algorithm: Algorithm = 'sha256d'): Feed => {
  const settings = { name, algorithm, onLoss: 'hold', lossSeconds: 0 } as const;
  return new Feed(
    settings,
    new ScriptedSource(),
    sequence,
    () => new ScriptedSource(),
    { nowUs: () => 0 },
    silentLogger,
  );
};
const port: RoutedPort = { name: 'stratum', algorithm: 'sha256d', source: 'main' };
const scryptPort: RoutedPort = { name: '3335', algorithm: 'scrypt', source: 'ltc' };

function feeds(): Feeds {
  return new Feeds(
    new Map([
      ['main', [feed('main')]],
      ['other', [feed('other')]],
      ['ltc', [feed('ltc', 'scrypt')]],
      ['wide', [feed('wide-1'), feed('wide-2'), feed('wide-3')]],
    ]),
    new Map([
      ['acme', ['other', 'ltc']],
      ['acme.north', ['main']],
      ['big', ['wide']],
    ]),
  );
}

const of = (all: Feeds, worker: string, at = port): string => all.of(parseUsername(worker)!, at).name;

describe('a machine works for', () => {
  it('the source of the longest route its name begins with, part by part, else that of its port', () => {
    const all = feeds();
    expect(of(all, 'acme.south.m1')).toBe('other');
    expect(of(all, 'acme.north.m1')).toBe('main');
    expect(of(all, 'acme.northern.m1')).toBe('other');
    expect(of(all, 'acmeister.m1')).toBe('main');
    expect(of(all, 'acme')).toBe('other');
  });

  it('only a source that hashes as its port does', () => {
    const all = feeds();
    expect(of(all, 'acme.south.m1', scryptPort)).toBe('ltc');
    expect(of(all, 'acme.north.m1', scryptPort)).toBe('ltc');
    expect(of(all, 'big.m1', scryptPort)).toBe('ltc');
  });

  it('always the same of a source with several connections, which share the machines', () => {
    const all = feeds();
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const name = of(all, `big.s.m${i}`);
      expect(of(all, `big.s.m${i}`)).toBe(name);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(3);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
  });
});

describe('a route', () => {
  it('changes at run time, and goes back to what the file says', () => {
    const all = feeds();
    expect(all.route({ worker: 'acme.north', source: 'other' })).toBeUndefined();
    expect(of(all, 'acme.north.m1')).toBe('other');
    expect(all.route({ worker: 'acme.north', source: undefined })).toBeUndefined();
    expect(of(all, 'acme.north.m1')).toBe('main');
    expect(all.route({ port: 'stratum', source: 'other' })).toBeUndefined();
    expect(of(all, 'zeta.m1')).toBe('other');
    expect(of(all, 'acme.north.m1')).toBe('main');
  });

  it('to what is not there, or hashes otherwise, changes nothing', () => {
    const all = feeds();
    expect(all.route({ worker: 'acme', source: 'nowhere' })).toBe('there is no job source nowhere');
    expect(all.route({ port: 'stratum', source: 'ltc' })).toBeUndefined();
    expect(of(all, 'zeta.m1')).toBe('main');
  });

  it('is one of a bounded number', () => {
    const all = feeds();
    for (let i = 0; i < 10_000; i++) expect(all.route({ worker: `t${i}`, source: 'main' })).toBeUndefined();
    expect(all.route({ worker: 'one.more', source: 'main' })).toMatch(/10000 routes/);
    expect(all.route({ worker: 't5', source: 'other' })).toBeUndefined();
  });
});

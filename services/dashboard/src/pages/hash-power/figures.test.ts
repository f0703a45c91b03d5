import { describe, expect, it } from 'vitest';
import { daysColumns, formatCoins, formatPart, meanRate, type AccountDay } from './figures.ts';
import { tenantChoices } from './tenant-choices.ts';

const day = (from: string, until: string, hashRate: number, promisedHashes: number | null = null): AccountDay => ({
  date: from.slice(0, 10),
  from,
  until,
  isWholeDay: true,
  hashes: { value: 0, low: 0, high: 0 },
  hashRate: { hashRate, low: hashRate * 0.9, high: hashRate * 1.1 },
  promisedHashes,
  contribution: null,
  uptime: null,
  shares: { accepted: 0, rejected: 0, invalidFraction: null, byReason: [] },
  coins: null,
  isComplete: true,
});

describe('days as steps', () => {
  it('end where the last day ends, and break where days do not touch', () => {
    const days = [
      day('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z', 10, 86_400 * 12),
      day('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z', 20),
      day('2026-03-05T00:00:00Z', '2026-03-05T12:00:00Z', 30),
    ];
    const { at, rate, expected, high } = daysColumns(days);
    expect(at.map((seconds) => new Date(seconds * 1000).toISOString().slice(8, 13))).toEqual([
      '01T00',
      '02T00',
      '03T00',
      '05T00',
      '05T12',
    ]);
    expect(rate).toEqual([10, 20, null, 30, 30]);
    expect(expected).toEqual([12, null, null, null, null]);
    expect(high[0]).toBeCloseTo(11);
  });
});

describe('means', () => {
  it('are over what is counted', () => {
    const total = { hashes: { value: 3600, low: 1800, high: 7200 } };
    const days = [day('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z', 1)];
    expect(meanRate({ days, total } as never)).toEqual({ hashRate: 1, low: 0.5, high: 2 });
    expect(meanRate({ days: [], total } as never)).toBeNull();
  });
});

describe('figures in words', () => {
  it('have all digits of a coin, and those of a fraction that matter', () => {
    expect(formatCoins({ value: 0.123456789 })).toBe('0.12345679');
    expect(formatCoins(null)).toBe('–');
    expect([0.5, 1 / 3, 1].map(formatPart)).toEqual(['50\u00a0%', '33.33\u00a0%', '100\u00a0%']);
  });
});

describe('tenants to choose from', () => {
  const entries = { nodes: [{ id: 'globex', name: 'Globex' }] };
  const tenants = [{ name: 'acme' }, { name: 'globex' }];

  it('are those of which one sees everything', () => {
    const choose = (grants: { tenant: string; site: string | null }[], kind: 'USER' | 'OPEN' = 'USER'): string[] =>
      tenantChoices({ viewer: { kind, grants }, tenantEntries: entries, tenants } as never).map(({ id }) => id);
    expect(choose([{ tenant: 'globex', site: null }])).toEqual(['globex']);
    expect(choose([{ tenant: 'acme', site: 'acme.north' }])).toEqual([]);
    expect(choose([{ tenant: '*', site: null }])).toEqual(['acme', 'globex']);
    expect(choose([], 'OPEN')).toEqual(['acme', 'globex']);
  });
});

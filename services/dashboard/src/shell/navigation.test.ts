import { describe, expect, it } from 'vitest';
import { routeFromPath } from '../router/routes.ts';
import { ENTRIES, isBuyer, START_OF_BUYERS, usableEntries, type NavigationEntry } from './navigation.ts';

const icon = (): null => null;
const ENTRY: NavigationEntry = { to: '/a', label: 'A', icon, pages: [], place: 'bar' };
const SAMPLE: readonly NavigationEntry[] = [
  ENTRY,
  { ...ENTRY, to: '/money', needs: ['MONEY_VIEW'] },
  { ...ENTRY, to: '/places', needs: ['PLACE_EDIT', 'TENANT_EDIT'] },
];

function offered(permissions: Parameters<typeof usableEntries>[0]['permissions'], isOpen = false): string[] {
  return usableEntries({ permissions, isOpen, isBuyer: false }, SAMPLE).map(({ to }) => to);
}

describe('navigation', () => {
  it('leads to pages that exist, each entry being the current one on its own page', () => {
    for (const { to, label, pages } of ENTRIES) {
      const { page } = routeFromPath(to);
      expect(page, label).not.toBe('not-found');
      expect(pages, label).toContain(page);
    }
  });

  it('names each place once, and gives at most four a place that is always there', () => {
    for (const field of ['to', 'label'] as const)
      expect(new Set(ENTRIES.map((entry) => entry[field])).size).toBe(ENTRIES.length);
    expect(ENTRIES.filter(({ place }) => place === 'bar').length).toBeLessThanOrEqual(4);
  });

  it('offers what somebody may use: any of the permissions an entry names is enough', () => {
    expect(offered([])).toEqual(['/a']);
    expect(offered(['MONEY_VIEW'])).toEqual(['/a', '/money']);
    expect(offered(['TENANT_EDIT'])).toEqual(['/a', '/places']);
  });

  it('offers everything while the pool is open to everybody', () => {
    expect(offered([], true)).toEqual(['/a', '/money', '/places']);
  });
});

describe('who only bought hash power', () => {
  const entries = usableEntries({ permissions: ['FLEET_VIEW', 'MONEY_VIEW'], isOpen: false, isBuyer: true });

  it('begins with what they bought and got, without pages that would be empty for them', () => {
    expect(entries.map(({ to }) => to)).toEqual([
      '/hash-power',
      '/fleet',
      '/workers',
      '/alerts',
      '/events',
      '/reports',
    ]);
    expect(START_OF_BUYERS).toBe('/hash-power');
    expect(entries.filter(({ place }) => place === 'bar')).toHaveLength(4);
  });

  it('is a customer of tenants of that kind, and nothing besides', () => {
    const tenants = [
      { id: 'globex', kind: 'CLOUD' },
      { id: 'acme', kind: 'HOSTING' },
    ] as const;
    const customer = (tenant: string, site: string | null = null) => ({ role: 'CUSTOMER', tenant, site }) as const;
    expect(isBuyer([customer('globex')], tenants)).toBe(true);
    expect(isBuyer([customer('globex'), customer('acme')], tenants)).toBe(false);
    expect(isBuyer([{ ...customer('globex'), role: 'OPERATOR_ADMIN' }], tenants)).toBe(false);
    expect(isBuyer([customer('globex', 'globex.hall')], tenants)).toBe(false);
    expect(isBuyer([customer('*')], tenants)).toBe(false);
    expect(isBuyer([], tenants)).toBe(false);
  });
});

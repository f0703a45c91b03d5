import { describe, expect, it } from 'vitest';
import { routeFromPath } from '../router/routes.ts';
import { ENTRIES, usableEntries, type NavigationEntry } from './navigation.ts';

const icon = (): null => null;
const ENTRY: NavigationEntry = { to: '/a', label: 'A', icon, pages: [], place: 'bar' };
const SAMPLE: readonly NavigationEntry[] = [
  ENTRY,
  { ...ENTRY, to: '/money', needs: ['MONEY_VIEW'] },
  { ...ENTRY, to: '/places', needs: ['PLACE_EDIT', 'TENANT_EDIT'] },
];

function offered(permissions: Parameters<typeof usableEntries>[0]['permissions'], isOpen = false): string[] {
  return usableEntries({ permissions, isOpen }, SAMPLE).map(({ to }) => to);
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

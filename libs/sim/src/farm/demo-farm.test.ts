import { describe, expect, it } from 'vitest';
import { demoFarm } from './demo-farm.ts';

describe('demo farm', () => {
  const farm = demoFarm(1);

  it('has three tenants with two sites each and at least 60 machines, every name its own', () => {
    const sites = new Map<string, Set<string>>();
    for (const { username } of farm) {
      const [tenant, site] = username.split('.') as [string, string];
      sites.set(tenant, (sites.get(tenant) ?? new Set()).add(site));
    }
    expect([...sites.values()].map((set) => set.size)).toEqual([2, 2, 2]);
    // The README and the welcome name the number.
    expect(farm).toHaveLength(72);
    expect(new Set(farm.map(({ username }) => username)).size).toBe(farm.length);
  });

  it('has every ailment, and most machines healthy', () => {
    const ailments = farm.map(({ ailment }) => ailment.type);
    expect(new Set(ailments)).toEqual(new Set(['healthy', 'slow', 'stale-prone', 'flapping', 'bad-board', 'dead']));
    expect(ailments.filter((type) => type === 'healthy').length).toBeGreaterThan(farm.length * 0.8);
  });

  it('is the same farm for the same seed', () => {
    expect(demoFarm(1)).toEqual(farm);
    expect(demoFarm(2)).not.toEqual(farm);
  });
});

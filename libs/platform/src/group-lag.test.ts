import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerGroupLag } from './group-lag.ts';

describe('lag of a group', () => {
  it('asks the log at most every ten seconds, and shows nothing that is older than a minute', async () => {
    const registry = new Registry();
    const asked: string[] = [];
    let nowMs = 0;
    let away = false;
    const log = {
      lag: async (group: string, topic: string) => {
        asked.push(`${group} ${topic}`);
        if (away) throw new Error('the log is away');
        return 7;
      },
      partitions: async () => 4,
    };
    registerGroupLag(registry, 'assay_test_', log, 'g', ['a', 'b'], () => nowMs);

    const page = await registry.metrics();
    expect(page).toContain('assay_test_lag_records{topic="a"} 7');
    expect(page).toContain('assay_test_topic_partitions{topic="b"} 4');
    expect(asked).toEqual(['g a', 'g b']);
    nowMs = 9_000;
    await registry.metrics();
    expect(asked).toHaveLength(2);

    away = true;
    nowMs = 30_000;
    expect(await registry.metrics()).toContain('assay_test_lag_records{topic="a"} 7');
    expect(asked).toHaveLength(4);
    nowMs = 61_000;
    expect(await registry.metrics()).not.toContain('assay_test_lag_records{');
    away = false;
    expect(await registry.metrics()).toContain('assay_test_lag_records{topic="a"} 7');
  });

  it('does not let a log that never answers hold up a scrape', async () => {
    const registry = new Registry();
    const never = new Promise<number>(() => undefined);
    registerGroupLag(registry, 'assay_test_', { lag: () => never, partitions: async () => 4 }, 'g', ['a']);
    expect(await registry.metrics()).not.toContain('assay_test_lag_records{');
  });
});

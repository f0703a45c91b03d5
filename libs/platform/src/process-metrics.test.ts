import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { joinMetrics, registerProcessMetrics, registerThreadMetrics } from './process-metrics.ts';

describe('process metrics', () => {
  it('say which build runs, and how the event loop does', async () => {
    const registry = new Registry();
    registerProcessMetrics(registry, 'validator', 'abc123');
    const page = await registry.metrics();
    expect(page).toMatch(
      new RegExp(`^assay_build_info\\{service="validator",version="[\\d.]+",commit="abc123",node="${process.version}"\\} 1$`, 'm'), // prettier-ignore
    );
    expect(page).toMatch(/^nodejs_eventloop_lag_p99_seconds \S+$/m);
    expect(page).toMatch(/^process_resident_memory_bytes \S+$/m);
  });

  it("show a thread's own event loop under its name, on one page with the process's", async () => {
    const [process, thread] = [new Registry(), new Registry()];
    registerProcessMetrics(process, 'standalone', '');
    registerThreadMetrics(thread, 'stratum-gateway');
    new Counter({ name: 'only_there_total', help: 'Of the thread.', registers: [thread] }).inc(3);
    const page = joinMetrics(await Promise.all([process.metrics(), thread.metrics()]));
    expect(page).toMatch(/^nodejs_eventloop_lag_p99_seconds \S+$/m);
    expect(page).toMatch(/^nodejs_eventloop_lag_p99_seconds\{thread="stratum-gateway"\} \S+$/m);
    expect(page).toMatch(/^only_there_total 3$/m);
    // What belongs to the process alone is not shown again by each of its threads.
    expect(page.match(/^process_resident_memory_bytes/gm)).toHaveLength(1);
    const announced = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(announced).toEqual([...new Set(announced)]);
    // Samples of a metric stand together, below its own announcement.
    const owner: string[] = [];
    for (const line of page.split('\n')) {
      const name = /^# HELP (\S+)/.exec(line)?.[1];
      if (name !== undefined) owner.push(name);
      else if (line !== '' && !line.startsWith('#')) expect(line.startsWith(owner.at(-1)!)).toBe(true);
    }
  });
});

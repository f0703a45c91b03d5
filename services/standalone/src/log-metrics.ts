// What the embedded log counts, for /metrics: bytes kept and waiting, appends refused because it was full, records dropped unread.
import type { LmdbEventLog } from '@assay/adapter-lmdb';
import { Gauge, type Registry } from '@assay/platform';

/** `name` differs between the threads that open the log, since their metrics are shown on one page. */
export function registerLogMetrics(registry: Registry, name: string, log: LmdbEventLog): void {
  new Gauge({
    name,
    help: 'Counts of the embedded log as this thread has opened it, by count.',
    labelNames: ['count'],
    registers: [registry],
    collect() {
      for (const [count, value] of Object.entries(log.stats())) this.set({ count }, value);
    },
  });
}

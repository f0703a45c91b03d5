// The job sources of a gateway as Prometheus metrics.
import { Gauge, type Registry } from 'prom-client';
import type { Feed } from './feed.ts';
import type { Feeds } from './feeds.ts';

const PREFIX = 'assay_stratum_gateway_source_';

/** @param connections how many machines work for a feed */
export function registerFeedMetrics(registry: Registry, feeds: Feeds, connections: (feed: Feed) => number): void {
  const gauge = (name: string, help: string, value: (feed: Feed) => number): void =>
    void new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['source'],
      registers: [registry],
      collect() {
        this.reset();
        for (const feed of feeds.all) this.set({ source: feed.name }, value(feed));
      },
    });
  gauge('up', '1 while a job source has work, 0 while it has none of its own.', (feed) => (feed.hasWork ? 1 : 0));
  gauge('connections', 'Connections that work for a job source.', connections);
}

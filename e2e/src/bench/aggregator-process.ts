// The aggregator, with its live state, in a process of its own, to be measured.
import 'reflect-metadata';
import { createClickHouseStore, type ClickHouseStoreOptions } from '@assay/adapter-clickhouse';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { MemoryLiveState } from '@assay/adapter-memory';
import { aggregatorSettings, startAggregator } from '@assay/aggregator';
import { systemClock } from '@assay/kernel';
import { Lifecycle, parseSettings, Registry, silentLogger } from '@assay/platform';
import { serveParent } from './serve-parent.ts';

const lifecycle = new Lifecycle(silentLogger);

serveParent(
  {
    start: async ({ logDir, clickHouse }: { logDir: string; clickHouse: ClickHouseStoreOptions }) => {
      const log = await lifecycle.start(
        'log',
        () => openLmdbEventLog({ dir: logDir, clock: systemClock }),
        (part) => part.close(),
      );
      const store = await lifecycle.start(
        'store',
        async () => createClickHouseStore(clickHouse),
        (part) => part.close(),
      );
      const live = new MemoryLiveState({ clock: systemClock });
      const ports = { log, store, live, clock: systemClock, logger: silentLogger, registry: new Registry() };
      await lifecycle.start(
        'aggregator',
        () => startAggregator(parseSettings(aggregatorSettings, process.env), ports),
        (part) => part.stop(),
      );
    },
  },
  () => lifecycle.stop(),
);

// The validator in a process of its own, to be measured.
import 'reflect-metadata';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { systemClock } from '@assay/kernel';
import { Lifecycle, parseSettings, Registry, silentLogger } from '@assay/platform';
import { startValidator, validatorSettings } from '@assay/validator';
import { serveParent } from './serve-parent.ts';

const lifecycle = new Lifecycle(silentLogger);

serveParent(
  {
    start: async ({ logDir }: { logDir: string }) => {
      const log = await lifecycle.start(
        'log',
        () => openLmdbEventLog({ dir: logDir, clock: systemClock }),
        (part) => part.close(),
      );
      const ports = { log, logger: silentLogger, registry: new Registry(), clock: systemClock };
      await lifecycle.start(
        'validator',
        () => startValidator(parseSettings(validatorSettings, process.env), ports),
        (part) => part.stop(),
      );
    },
  },
  () => lifecycle.stop(),
);

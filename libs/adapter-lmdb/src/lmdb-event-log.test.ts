import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@assay/kernel';
import { eventLogContract } from '@assay/event-log/contract';
import { openLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';

const limits = { revokeGraceMs: 200, restartPauseMs: 20, groupPollMs: 20, retentionIntervalMs: 20 };

eventLogContract(
  'LMDB',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'assay-log-'));
    const open = (): Promise<LmdbEventLog> => openLmdbEventLog({ dir, clock: systemClock, limits });
    let log = await open();
    return {
      log,
      reopen: async () => {
        await log.close();
        return (log = await open());
      },
      cleanup: async () => {
        await log.close();
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
  { retention: true },
);

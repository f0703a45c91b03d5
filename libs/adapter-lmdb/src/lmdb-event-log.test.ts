import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '@assay/kernel';
import { eventLogContract } from '@assay/event-log/contract';
import { buildChild, type ChildProgram } from '@assay/event-log/testing';
import { openLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';

const limits = {
  revokeGraceMs: 200,
  restartPauseMs: 20,
  groupPollMs: 20,
  retentionIntervalMs: 20,
  heartbeatMs: 100,
  memberTimeoutMs: 1_500,
};

let child: ChildProgram;
beforeAll(async () => void (child = await buildChild(new URL('./testing/consumer-child.ts', import.meta.url))));
afterAll(() => child.remove());

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
      startConsumer: (group, topic) => child.run([dir, group, topic]),
      cleanup: async () => {
        await log.close();
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
  { retention: true, processes: true },
);

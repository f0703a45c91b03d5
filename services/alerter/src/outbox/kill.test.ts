import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { expect, it } from 'vitest';
import { killRounds } from '../testing/kill-rounds.ts';

it('tells everything over five kills in the middle of sending, on the embedded log', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'assay-alerter-kill-'));
  try {
    const open = () => openLmdbEventLog({ dir, clock: systemClock });
    const log = await open();
    await log.ensureTopics(topicSpecs(1));
    await log.close();
    await expect(killRounds(5, { place: dir, open })).resolves.toBeUndefined();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 60_000);

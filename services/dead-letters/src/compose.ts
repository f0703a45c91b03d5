// Which log the tool opens: the embedded one, which takes any number of processes of one machine.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings } from '@assay/platform';
import { deadLettersSettings } from './config.ts';

/** Throws SettingsError or LogError. */
export async function openLog(env: NodeJS.ProcessEnv): Promise<EventLog> {
  const { dataDir } = parseSettings(deadLettersSettings, env);
  const dir = join(resolve(dataDir), 'log');
  if (!existsSync(dir))
    throw new Error(`there is no log in ${dir}: ASSAY_DATA_DIR must name the pool's data directory`);
  return openLmdbEventLog({ dir, clock: systemClock });
}

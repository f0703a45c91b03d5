// The control log for command-line tools: of Kafka where ASSAY_KAFKA_BROKERS is set, else of the embedded log, beside the pool that runs on it.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { ControlLog } from '@assay/control-log';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';

/** The log of a pool that runs answers at once; one that is away does not keep the tool waiting for ever. */
const CATCH_UP_MS = 30_000;

export function dataDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(env['ASSAY_DATA_DIR'] || './data');
}

/** Gives `use` a control log that has caught up, and closes it. @param name of the tool */
export async function withControlLog<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  warn: (message: string) => void,
  use: (control: ControlLog) => Promise<T>,
): Promise<T> {
  const log = await openLog(env, name, warn);
  const control = new ControlLog({ log, onWarning: (message, error) => warn(`${message}: ${String(error)}`) });
  try {
    if (!(await control.caughtUpWithin(CATCH_UP_MS))) throw new Error('the control log could not be read in time');
    return await use(control);
  } finally {
    control.close();
    await log.close();
  }
}

async function openLog(env: NodeJS.ProcessEnv, name: string, warn: (message: string) => void): Promise<EventLog> {
  if ((env['ASSAY_KAFKA_BROKERS'] ?? '') !== '') {
    const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
    return openKafkaEventLog({ ...kafka, clientId: `assay-${name}`, clock: systemClock, onWarning: warn });
  }
  const dir = join(dataDirOf(env), 'log');
  // Opening it would create it.
  if (!existsSync(dir))
    throw new Error(`there is no log in ${dir}: ASSAY_DATA_DIR must name the pool's data directory`);
  return openLmdbEventLog({ dir, clock: systemClock, onWarning: warn });
}

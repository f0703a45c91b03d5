// Which log the tool opens: Kafka where the environment names its brokers, else the embedded one, which takes any number of processes
// of one machine.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';
import { deadLettersSettings } from './config.ts';

/** Throws SettingsError, LogError, or an Error that says there is no log. */
export function openLog(env: NodeJS.ProcessEnv, warn: (message: string) => void): Promise<EventLog> {
  return (env['ASSAY_KAFKA_BROKERS'] ?? '') === '' ? openEmbedded(env, warn) : openKafka(env, warn);
}

async function openEmbedded(env: NodeJS.ProcessEnv, onWarning: (message: string) => void): Promise<EventLog> {
  const { dataDir } = parseSettings(deadLettersSettings, env);
  const dir = join(resolve(dataDir), 'log');
  // Opening it would create it.
  if (!existsSync(dir))
    throw new Error(`there is no log in ${dir}: ASSAY_DATA_DIR must name the pool's data directory`);
  return openLmdbEventLog({ dir, clock: systemClock, onWarning });
}

async function openKafka(env: NodeJS.ProcessEnv, onWarning: (message: string) => void): Promise<EventLog> {
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  return openKafkaEventLog({ ...kafka, clientId: 'assay-dead-letters', clock: systemClock, onWarning });
}

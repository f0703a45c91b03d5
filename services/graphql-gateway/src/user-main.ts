// npm run user: see identity/user-tool.ts, or --help. Follows the control log, of Kafka or of the embedded log, and changes it.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { ControlLog } from '@assay/control-log';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';
import { graphqlGatewaySettings } from './config.ts';
import { parseUserCommand, runUserCommand, USER_HELP, UserUsageError } from './identity/user-tool.ts';

/** The log of a pool that runs answers at once; one that is away does not keep the tool waiting for ever. */
const CATCH_UP_MS = 30_000;

const warn = (message: string): void => void process.stderr.write(`user: ${message}\n`);

async function main(): Promise<void> {
  const command = parseUserCommand(process.argv.slice(2));
  if (command === undefined) return void process.stdout.write(USER_HELP);
  const { publicUrl, httpPort } = parseSettings(graphqlGatewaySettings, process.env);
  const log = await openLog(process.env);
  const control = new ControlLog({ log, onWarning: (message, error) => warn(`${message}: ${String(error)}`) });
  try {
    await caughtUp(control);
    const baseUrl = publicUrl || `http://127.0.0.1:${httpPort}`;
    await runUserCommand(command, control, systemClock.nowUs(), baseUrl, (line) => process.stdout.write(`${line}\n`));
  } finally {
    control.close();
    await log.close();
  }
}

async function caughtUp(control: ControlLog): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the control log could not be read in time')), CATCH_UP_MS);
  });
  await Promise.race([control.caughtUp(), late]).finally(() => clearTimeout(timer));
}

async function openLog(env: NodeJS.ProcessEnv): Promise<EventLog> {
  if ((env['ASSAY_KAFKA_BROKERS'] ?? '') !== '') {
    const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
    return openKafkaEventLog({ ...kafka, clientId: 'assay-user', clock: systemClock, onWarning: warn });
  }
  const dir = join(resolve(env['ASSAY_DATA_DIR'] || './data'), 'log');
  // Opening it would create it.
  if (!existsSync(dir))
    throw new Error(`there is no log in ${dir}: ASSAY_DATA_DIR must name the pool's data directory`);
  return openLmdbEventLog({ dir, clock: systemClock, onWarning: warn });
}

main().catch((error: unknown) => {
  warn(error instanceof Error ? error.message : String(error));
  if (error instanceof UserUsageError) process.stderr.write(`\n${USER_HELP}`);
  process.exitCode = error instanceof UserUsageError ? 2 : 1;
});

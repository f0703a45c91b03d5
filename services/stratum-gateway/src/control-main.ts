// npm run control: see control-tool.ts, or --help. Appends one record to the `control` topic, of Kafka or of the embedded log.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { TOPIC, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';
import { CONTROL_HELP, ControlUsageError, parseControl } from './control/control-tool.ts';

const warn = (message: string): void => void process.stderr.write(`control: ${message}\n`);

async function main(): Promise<void> {
  const command = parseControl(process.argv.slice(2));
  if (command === undefined) return void process.stdout.write(CONTROL_HELP);
  const log = await openLog(process.env);
  try {
    await log.append(TOPIC.control, [{ value: Buffer.from(JSON.stringify(command)) }]);
    process.stdout.write(`told all gateways: ${JSON.stringify(command)}\n`);
  } finally {
    await log.close();
  }
}

async function openLog(env: NodeJS.ProcessEnv): Promise<EventLog> {
  if ((env['ASSAY_KAFKA_BROKERS'] ?? '') !== '') {
    const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
    return openKafkaEventLog({ ...kafka, clientId: 'assay-control', clock: systemClock, onWarning: warn });
  }
  const dir = join(resolve(env['ASSAY_DATA_DIR'] || './data'), 'log');
  // Opening it would create it.
  if (!existsSync(dir))
    throw new Error(`there is no log in ${dir}: ASSAY_DATA_DIR must name the pool's data directory`);
  return openLmdbEventLog({ dir, clock: systemClock, onWarning: warn });
}

main().catch((error: unknown) => {
  warn(error instanceof Error ? error.message : String(error));
  if (error instanceof ControlUsageError) process.stderr.write(`\n${CONTROL_HELP}`);
  process.exitCode = error instanceof ControlUsageError ? 2 : 1;
});

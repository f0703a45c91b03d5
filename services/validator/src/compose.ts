// A validator of the cluster setting, wired: Kafka, and nothing else. Any number of them share the partitions.
import { hostname } from 'node:os';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { TOPIC } from '@assay/event-log';
import {
  kafkaConnection,
  kafkaSettings,
  parseSettings,
  registerKafkaMetrics,
  type RunningService,
  type ServiceProcess,
} from '@assay/platform';
import { validatorSettings } from './config.ts';
import { startValidator } from './validator.ts';

const TOPICS = [TOPIC.sharesSubmitted, TOPIC.sharesVerified, TOPIC.sharesDead, TOPIC.workerEvents];

export async function composeValidator(process: ServiceProcess): Promise<RunningService> {
  const { env, clock, logger, registry, tracer, drainMs, lifecycle, untilThere } = process;
  const config = parseSettings(validatorSettings, env);
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));

  const log = await lifecycle.start(
    'event log',
    () =>
      openKafkaEventLog({
        ...kafka,
        clientId: `assay-validator-${hostname()}`,
        clock,
        onWarning: (message) => logger.warn(message),
      }),
    (part) => part.close(),
  );
  registerKafkaMetrics(registry, () => log.stats());
  await untilThere('Kafka', () => Promise.all(TOPICS.map((topic) => log.partitions(topic))));
  return lifecycle.start(
    'validator',
    () => startValidator(config, { log, clock, logger, registry, tracer, drainMs }),
    (part) => part.stop(),
  );
}

// The contract's consumer on a Kafka: consumer-child <brokers> <prefix> <group> <topic>.
import { systemClock } from '@assay/kernel';
import { runConsumerProgram } from '@assay/event-log/testing';
import { openKafkaEventLog } from '../kafka-event-log.ts';

const [brokers, prefix, group, topic] = process.argv.slice(2) as [string, string, string, string];
const limits = { restartPauseMs: 20, heartbeatMs: 50, sessionTimeoutMs: 2_000, retryPauseMs: 10 };
const log = await openKafkaEventLog({
  brokers: brokers.split(','),
  clientId: 'consumer-child',
  clock: systemClock,
  limits,
  prefix,
});
await runConsumerProgram(log, group, topic);

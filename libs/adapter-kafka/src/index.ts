export type { Compression } from './compression.ts';
export {
  openKafkaEventLog,
  type KafkaEventLog,
  type KafkaEventLogOptions,
  type KafkaLogStats,
} from './kafka-event-log.ts';
export type { Sasl } from './kafkajs-protocol.ts';
export { DEFAULT_LIMITS, type KafkaLogLimits } from './limits.ts';

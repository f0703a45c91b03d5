export * from './free-ports.ts';
export * from './managed-process.ts';
export * from './programs.ts';
export { startKafka, type Kafka, type KafkaOptions } from './kafka/start-kafka.ts';
export { startRedis, type RedisServer } from './redis/redis-server.ts';

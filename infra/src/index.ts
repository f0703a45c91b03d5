export * from './free-ports.ts';
export * from './managed-process.ts';
export * from './programs.ts';
export { startKafka, type Kafka, type KafkaOptions } from './kafka/start-kafka.ts';
export { startRedis, type RedisServer } from './redis/redis-server.ts';
export { startClickHouse, type ClickHouseServer } from './clickhouse/start-clickhouse.ts';
export type { ClusterOptions } from './cluster/cluster-options.ts';
export { LocalCluster } from './cluster/local-cluster.ts';
export { ServiceServer, type ReadyState, type ServiceName } from './cluster/service-process.ts';

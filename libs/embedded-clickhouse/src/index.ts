export {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseLogger,
  type EmbeddedClickHouseOptions,
  type OutsideUser,
  type ReaderByPassword,
} from './start-embedded-clickhouse.ts';
export type { Limits } from './limits.ts';

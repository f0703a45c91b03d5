// What the ClickHouse process is told by whoever starts it, and what it says when it serves.

/** The variable that holds the options, as JSON. */
export const CLICKHOUSE_OPTIONS = 'INFRA_CLICKHOUSE_OPTIONS';
export const READY = 'ClickHouse listens';

export interface ClickHouseProcessOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Who may write. */
  readonly username: string;
  readonly password: string;
}

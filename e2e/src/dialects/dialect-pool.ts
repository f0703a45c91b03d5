// The pool a script is played against, whatever is behind its port.

export interface DialectPool {
  readonly host: string;
  readonly port: number;
  /** What it has on record, where we can look: nothing of a stranger's pool. */
  readonly record: PoolRecord | undefined;
  /** Undefined where nobody may. */
  readonly restart: (() => Promise<void>) | undefined;
}

export interface PoolRecord {
  /** Shares in the log by worker. */
  shares(): Promise<Record<string, { accepted: number; rejected: number }>>;
  /** What each share counts for. */
  creditedDifficulties(): Promise<number[]>;
  /** How often a worker was put on record as authorized; the pool stops to say so, since only then nothing is on its way any more. */
  authorizedAtEnd(): Promise<number>;
}

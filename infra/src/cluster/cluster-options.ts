// How large a local cluster is, and what its services are told besides where its servers are.

export interface ClusterOptions {
  /** Where everything is kept; created when missing. */
  readonly dir: string;
  readonly brokers?: 1 | 3;
  readonly gateways?: number;
  readonly validators?: number;
  readonly aggregators?: number;
  readonly alerters?: number;
  readonly partitions?: number;
  /** Fixed ports, for people; free ones by default. One stratum port for each gateway. */
  readonly ports?: { readonly stratum: readonly number[]; readonly http: number; readonly clickHouse: number };
  /** Least severe log lines of the services; `warn` by default. */
  readonly logLevel?: string;
  /** Settings of the services of a kind, beyond those that connect them. */
  readonly settings?: {
    readonly gateway?: Readonly<Record<string, string>>;
    readonly validator?: Readonly<Record<string, string>>;
    readonly aggregator?: Readonly<Record<string, string>>;
    readonly graphql?: Readonly<Record<string, string>>;
    readonly alerter?: Readonly<Record<string, string>>;
  };
  /** Told of each step of the start. */
  readonly onStep?: (step: string) => void;
}

/** What each service said, a file for each, within the directory of the cluster. */
export const LOG_DIR = 'logs';

export const CLUSTER_DEFAULTS = {
  brokers: 1,
  gateways: 2,
  validators: 2,
  aggregators: 2,
  alerters: 1,
  partitions: 4,
} as const;

// The parts of the query schema (services/graphql-gateway/schema/assay.graphql) that the pages read, as TypeScript.
// A test checks every document of ours against that schema, so these types cannot name a field that is not there.

export type Algorithm = 'SHA256D' | 'SCRYPT';
export type WorkerStatus = 'ONLINE' | 'SILENT' | 'OFFLINE';
export type WorkerSortField =
  'NAME' | 'HASH_RATE' | 'UPTIME' | 'INVALID' | 'CONTRIBUTION' | 'LAST_SHARE' | 'DIFFICULTY';
export type SortDirection = 'ASC' | 'DESC';
export type EventType = 'CONNECTED' | 'DISCONNECTED' | 'REJECT_BURST' | 'GATEWAY_STARTED';

/** ISO 8601, UTC. */
export type DateTime = string;

export interface WorkerFilter {
  tenant?: string;
  site?: string;
  search?: string;
  status?: readonly WorkerStatus[];
  algorithm?: Algorithm;
}

export interface WorkerSort {
  field: WorkerSortField;
  direction: SortDirection;
}

export interface PoolStatus {
  version: string;
  startedAt: DateTime;
  now: DateTime;
  live: boolean;
  history: boolean;
  newestShareAt: DateTime | null;
}

/** Hashes per second with the ends of the 95 % interval. */
export interface HashRate {
  hashRate: number;
  low: number;
  high: number;
}

/** Hash rate over expectation, with the ends of its 95 % interval. */
export interface Contribution {
  fraction: number;
  low: number;
  high: number;
}

export interface ReasonCount {
  reason: string;
  count: number;
}

export interface ShareCounts {
  accepted: number;
  rejected: number;
  invalidFraction: number | null;
  byReason: ReasonCount[];
}

export interface SeriesPoint extends HashRate {
  at: DateTime;
  accepted: number;
  rejected: number;
  byReason: ReasonCount[];
  uptime: number | null;
}

export interface Series {
  stepSeconds: number;
  points: SeriesPoint[];
}

export interface RangeInput {
  from: DateTime;
  to: DateTime;
  maxPoints: number;
}

export interface PageInfo {
  hasNextPage: boolean;
  endCursor: string | null;
}

export interface PoolEvent {
  id: string;
  at: DateTime;
  type: EventType;
  tenant: string | null;
  worker: string | null;
  gateway: string;
  detail: string;
}

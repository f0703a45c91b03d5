// Shapes that several pages hand around: parts of the API's answers, and types of its schema by their names.
import type { SchemaType } from '@assay/api-client';

export type Algorithm = SchemaType<'Algorithm'>;
export type WorkerStatus = SchemaType<'WorkerStatus'>;
export type WorkerSortField = SchemaType<'WorkerSortField'>;
export type EventType = SchemaType<'EventType'>;
export type WorkerFilter = SchemaType<'WorkerFilter'>;
export type WorkerSort = SchemaType<'WorkerSort'>;
export type RangeInput = Required<SchemaType<'RangeInput'>>;

/** ISO 8601, UTC. */
export type DateTime = string;

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

export interface SeriesPoint extends HashRate {
  at: DateTime;
  accepted: number;
  rejected: number;
  byReason: ReasonCount[];
  uptime: number | null;
  /** Of one worker, where it was asked for: what was expected of it then. */
  expectedHashRate?: number | null;
}

export interface Series {
  stepSeconds: number;
  points: SeriesPoint[];
}

export interface LatencyPoint {
  at: DateTime;
  meanMs: number | null;
  slowestMs: number | null;
  answers: number;
}

export interface LatencySeries {
  stepSeconds: number;
  points: LatencyPoint[];
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

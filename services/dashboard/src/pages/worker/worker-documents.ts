// What a worker's page asks: everything known now, the series of a range, and what changes live.
import { document } from '../../api/document.ts';
import type {
  Algorithm,
  Contribution,
  DateTime,
  HashRate,
  PoolEvent,
  RangeInput,
  Series,
  ShareCounts,
  WorkerFilter,
  WorkerStatus,
} from '../../api/schema-types.ts';

/** What the subscription keeps current. */
export interface LiveWorker {
  name: string;
  status: WorkerStatus;
  difficulty: number;
  lastShareAt: DateTime | null;
  connectedSince: DateTime | null;
  bestShare: number;
  m1: HashRate | null;
  m5: HashRate | null;
  m15: HashRate | null;
  h1: HashRate | null;
  d1: HashRate | null;
  contributionHour: Contribution | null;
  contributionDay: Contribution | null;
}

export interface WorkerDetail extends LiveWorker {
  tenant: string;
  site: string;
  path: string;
  algorithm: Algorithm;
  userAgent: string;
  firstSeen: DateTime;
  expectedHashRate: number | null;
  uptimeDay: number | null;
  uptimeWeek: number | null;
  sharesDay: ShareCounts | null;
  events: PoolEvent[] | null;
}

const LIVE = `
  name status difficulty lastShareAt connectedSince bestShare
  m1: hashRate(window: M1) { hashRate low high }
  m5: hashRate(window: M5) { hashRate low high }
  m15: hashRate(window: M15) { hashRate low high }
  h1: hashRate(window: H1) { hashRate low high }
  d1: hashRate(window: D1) { hashRate low high }
  contributionHour: contribution(window: H1) { fraction low high }
  contributionDay: contribution(window: D1) { fraction low high }
`;

export const WORKER = document<{ worker: WorkerDetail | null }, { name: string }>(`
  query Worker($name: String!) {
    worker(name: $name) {
      ${LIVE}
      tenant site path algorithm userAgent firstSeen expectedHashRate
      uptimeDay: uptime(hours: 24)
      uptimeWeek: uptime(hours: 168)
      sharesDay: shares(hours: 24) { accepted rejected invalidFraction byReason { reason count } }
      events(first: 20) { id at type tenant worker gateway detail }
    }
  }
`);

export const WORKER_LIVE = document<{ workersChanged: LiveWorker[] }, { filter: WorkerFilter }>(`
  subscription WorkerLive($filter: WorkerFilter) {
    workersChanged(filter: $filter, intervalMs: 2000) { ${LIVE} }
  }
`);

export const WORKER_SERIES = document<
  { worker: { series: Series | null } | null },
  { name: string; range: RangeInput }
>(`
  query WorkerSeries($name: String!, $range: RangeInput!) {
    worker(name: $name) {
      series(range: $range) {
        stepSeconds
        points { at hashRate low high accepted rejected byReason { reason count } uptime }
      }
    }
  }
`);

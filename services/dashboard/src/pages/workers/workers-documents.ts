// What the workers table asks: pages of rows, what changed, how many there are of each status, and which places there are.
import { document } from '../../api/document.ts';
import type {
  Contribution,
  DateTime,
  HashRate,
  PageInfo,
  WorkerFilter,
  WorkerSort,
  WorkerStatus,
} from '../../api/schema-types.ts';

/** The columns that change with every share: the subscription sends these. */
export interface LiveColumns {
  name: string;
  status: WorkerStatus;
  userAgent: string;
  difficulty: number;
  lastShareAt: DateTime | null;
  hashRate: HashRate | null;
  contribution: Contribution | null;
}

export interface WorkerRow extends LiveColumns {
  tenant: string;
  path: string;
  uptime: number | null;
  shares: { accepted: number; rejected: number; invalidFraction: number | null } | null;
}

const LIVE_COLUMNS = `
  name status userAgent difficulty lastShareAt
  hashRate(window: M15) { hashRate low high }
  contribution(window: H1) { fraction low high }
`;

interface RowsVariables {
  filter: WorkerFilter;
  sort: WorkerSort;
  first: number;
  after: string | null;
}

export const WORKER_ROWS = document<
  { workers: { totalCount: number; pageInfo: PageInfo; nodes: WorkerRow[] } },
  RowsVariables
>(`
  query WorkerRows($filter: WorkerFilter, $sort: WorkerSort!, $first: Int!, $after: String) {
    workers(filter: $filter, sort: $sort, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ${LIVE_COLUMNS} tenant path uptime(hours: 24) shares(hours: 24) { accepted rejected invalidFraction } }
    }
  }
`);

export const WORKERS_CHANGED = document<{ workersChanged: LiveColumns[] }, { filter: WorkerFilter }>(`
  subscription WorkersChanged($filter: WorkerFilter) {
    workersChanged(filter: $filter, intervalMs: 2000) { ${LIVE_COLUMNS} }
  }
`);

export const STATUS_COUNTS = document<
  { fleet: { workers: number; online: number; silent: number; offline: number } },
  { filter: WorkerFilter }
>(`
  query StatusCounts($filter: WorkerFilter) { fleet(filter: $filter) { workers online silent offline } }
`);

export const PLACE_NAMES = document<{ tenants: { name: string; sites: { name: string }[] }[] }>(`
  query PlaceNames { tenants { name sites { name } } }
`);

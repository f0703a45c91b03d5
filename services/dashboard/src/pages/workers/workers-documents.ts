// What the workers table asks: pages of rows, what changed, how many there are of each status, and which places there are.
import { graphql, type ResultOf } from '@assay/api-client';

const LIVE_COLUMNS = `
  name status userAgent difficulty lastShareAt
  hashRate(window: M15) { hashRate low high }
  contribution(window: H1) { fraction low high }
`;

export const WORKER_ROWS = graphql(`
  query WorkerRows($filter: WorkerFilter, $sort: WorkerSort!, $first: Int!, $after: String) {
    workers(filter: $filter, sort: $sort, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ${LIVE_COLUMNS} tenant path uptime(hours: 24) shares(hours: 24) { accepted rejected invalidFraction } }
    }
  }
`);

export type WorkerRow = ResultOf<typeof WORKER_ROWS>['workers']['nodes'][number];

export const WORKERS_CHANGED = graphql(`
  subscription WorkersChanged($filter: WorkerFilter) {
    workersChanged(filter: $filter, intervalMs: 2000) { ${LIVE_COLUMNS} }
  }
`);

/** The columns that change with every share: the subscription sends these. */
export type LiveColumns = ResultOf<typeof WORKERS_CHANGED>['workersChanged'][number];

export const STATUS_COUNTS = graphql(`
  query StatusCounts($filter: WorkerFilter) {
    fleet(filter: $filter) {
      workers
      online
      silent
      offline
    }
  }
`);

export const PLACE_NAMES = graphql(`
  query PlaceNames {
    tenants {
      name
      sites {
        name
      }
    }
  }
`);

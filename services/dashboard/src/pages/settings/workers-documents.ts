// What the page of workers' entries asks, and how it changes many at once.
import { graphql, type ResultOf, type SchemaType } from '@assay/api-client';

export const WORKER_ENTRIES = graphql(`
  query WorkerEntries($filter: WorkerEntryFilter, $first: Int!, $after: String) {
    workerEntries(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        name
        version
        standing
        expectedHashRate
        model
        owner
        tags
        hasSecret
        createdAt
        status
        lastShareAt
        userAgent
      }
    }
    waiting: workerEntries(filter: { standing: [QUARANTINED] }, first: 1) {
      totalCount
    }
    viewer {
      permissions
    }
  }
`);

export type WorkerEntryRow = ResultOf<typeof WORKER_ENTRIES>['workerEntries']['nodes'][number];
export type WorkerStanding = SchemaType<'WorkerStanding'>;

export const CHANGE_WORKERS = graphql(`
  mutation ChangeWorkers($workers: [WorkerVersionInput!]!, $change: WorkersInput!) {
    changeWorkers(workers: $workers, change: $change) {
      name
    }
  }
`);

export const CREATE_WORKER = graphql(`
  mutation CreateWorker($name: String!, $worker: WorkerInput!) {
    createWorker(name: $name, worker: $worker) {
      name
    }
  }
`);

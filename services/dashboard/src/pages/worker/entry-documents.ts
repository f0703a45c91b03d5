// What is entered of a worker, and how that is changed.
import { graphql, type ResultOf } from '@assay/api-client';

export const WORKER_ENTRY = graphql(`
  query WorkerEntry($name: String!) {
    workerEntry(name: $name) {
      name
      version
      standing
      expectedHashRate
      ratedPowerWatts
      model
      owner
      tags
      hasSecret
      note
      changedAt
      changedBy {
        kind
        id
        name
      }
    }
    ownerships(filter: { of: $name }, first: 20) {
      nodes {
        id
        of
        holder
        fraction
        from
        until
      }
    }
    viewer {
      permissions
    }
  }
`);

export type WorkerHolding = ResultOf<typeof WORKER_ENTRY>['ownerships']['nodes'][number];
export type WorkerEntryDetail = NonNullable<ResultOf<typeof WORKER_ENTRY>['workerEntry']>;

export const CHANGE_WORKER = graphql(`
  mutation ChangeWorker($name: String!, $version: Int!, $worker: WorkerInput!) {
    changeWorker(name: $name, version: $version, worker: $worker) {
      version
    }
  }
`);

export const SET_WORKER_SECRET = graphql(`
  mutation SetWorkerSecret($name: String!, $version: Int!, $secret: String) {
    setWorkerSecret(name: $name, version: $version, secret: $secret) {
      version
    }
  }
`);

export const DRAW_WORKER_SECRET = graphql(`
  mutation DrawWorkerSecret($name: String!, $version: Int!) {
    drawWorkerSecret(name: $name, version: $version) {
      secret
    }
  }
`);

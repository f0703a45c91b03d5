// What the latency chart of a worker's page asks.
import { graphql } from '@assay/api-client';

export const WORKER_LATENCY = graphql(`
  query WorkerLatency($name: String!, $range: RangeInput!) {
    worker(name: $name) {
      latencySeries(range: $range) {
        stepSeconds
        points {
          at
          meanMs
          slowestMs
          answers
        }
      }
    }
  }
`);

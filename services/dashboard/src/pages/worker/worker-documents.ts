// What a worker's page asks: everything known now, the series of a range, and what changes live.
import { graphql, type ResultOf } from '@assay/api-client';

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

export const WORKER = graphql(`
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

export type WorkerDetail = NonNullable<ResultOf<typeof WORKER>['worker']>;

export const WORKER_LIVE = graphql(`
  subscription WorkerLive($filter: WorkerFilter) {
    workersChanged(filter: $filter, intervalMs: 2000) { ${LIVE} }
  }
`);

/** What the subscription keeps current. */
export type LiveWorker = ResultOf<typeof WORKER_LIVE>['workersChanged'][number];

export const WORKER_SERIES = graphql(`
  query WorkerSeries($name: String!, $range: RangeInput!) {
    worker(name: $name) {
      series(range: $range) {
        stepSeconds
        points {
          at
          hashRate
          low
          high
          accepted
          rejected
          byReason {
            reason
            count
          }
          uptime
        }
      }
    }
  }
`);

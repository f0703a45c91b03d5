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
      ratedPowerWatts
      efficiency(window: H1) { joulesPerHash low high }
      expectedJoulesPerHash
      events(first: 10) { id at type tenant worker gateway detail }
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
          expectedHashRate
        }
        efficiency {
          joulesPerHash
          low
          high
        }
      }
    }
  }
`);

export type WorkerSeries = NonNullable<NonNullable<ResultOf<typeof WORKER_SERIES>['worker']>['series']>;

export const EXPECTATION_CHANGES = graphql(`
  query ExpectationChanges($name: String!) {
    worker(name: $name) {
      expectationChanges(first: 50) {
        id
        at
        by {
          kind
          id
          name
        }
        before {
          expectedHashRate
          ratedPowerWatts
          model
        }
        after {
          expectedHashRate
          ratedPowerWatts
          model
        }
      }
    }
  }
`);

export type ExpectationChange = NonNullable<
  NonNullable<ResultOf<typeof EXPECTATION_CHANGES>['worker']>['expectationChanges']
>[number];

export const WORKER_DAYS = graphql(`
  query WorkerDays($name: String!, $range: RangeInput!) {
    worker(name: $name) {
      series(range: $range) {
        stepSeconds
        points {
          at
          hashRate
          low
          high
          contribution {
            fraction
            low
            high
          }
          accepted
          rejected
          uptime
        }
      }
      connectsByDay(days: 91) {
        date
        count
      }
    }
  }
`);

export type WorkerDays = NonNullable<ResultOf<typeof WORKER_DAYS>['worker']>;

export const WORKER_CONNECTIONS = graphql(`
  query WorkerConnections($name: String!, $first: Int!) {
    worker(name: $name) {
      connections(first: $first) {
        nodes {
          id
          gateway
          remoteAddress
          userAgent
          difficulty
          connectedAt
          endedAt
          endReason
          isOpen
        }
        pageInfo {
          hasNextPage
        }
      }
      connectsByDay(days: 30) {
        date
        count
      }
    }
  }
`);

export type WorkerConnection = NonNullable<
  NonNullable<ResultOf<typeof WORKER_CONNECTIONS>['worker']>['connections']
>['nodes'][number];

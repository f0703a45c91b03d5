// What the overview asks: totals and troubled machines often, the day's chart and the breakdown less so.
import { graphql, type ResultOf } from '@assay/api-client';

const TOTALS = `
  workers online silent offline
  hashRate(window: M15, algorithm: $algorithm) { hashRate low high }
  lastHour: hashRate(window: H1, algorithm: $algorithm) { hashRate low high }
  expectedHashRate(algorithm: $algorithm)
  shares { accepted rejected invalidFraction byReason { reason count } }
`;

export const FLEET = graphql(`
  query Fleet($algorithm: Algorithm!, $tenant: String) {
    fleet(filter: { tenant: $tenant }) { ${TOTALS} }
    sha256d: fleet(filter: { tenant: $tenant, algorithm: SHA256D }) { workers }
    scrypt: fleet(filter: { tenant: $tenant, algorithm: SCRYPT }) { workers }
  }
`);

export type Totals = ResultOf<typeof FLEET>['fleet'];

/** Apart from the totals, as it is seldom another and goes through every machine. */
export const FLEET_EFFICIENCY = graphql(`
  query FleetEfficiency($algorithm: Algorithm!, $tenant: String) {
    fleet(filter: { tenant: $tenant }) {
      efficiency(algorithm: $algorithm) {
        joulesPerHash
        low
        high
        expectedJoulesPerHash
        workers
        ofWorkers
      }
    }
  }
`);

export type FleetEfficiency = NonNullable<ResultOf<typeof FLEET_EFFICIENCY>['fleet']['efficiency']>;

export const FLEET_CHANGED = graphql(`
  subscription FleetChanged($algorithm: Algorithm!, $tenant: String) {
    fleetChanged(filter: { tenant: $tenant }, intervalMs: 3000) { ${TOTALS} }
  }
`);

export const FLEET_SERIES = graphql(`
  query FleetSeries($algorithm: Algorithm!, $tenant: String, $range: RangeInput!) {
    fleet(filter: { tenant: $tenant, algorithm: $algorithm }) {
      series(range: $range, algorithm: $algorithm) {
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

/** How many of the slowest and of the most rejecting workers are looked at. */
export const LOOKED_AT = 50;

export const TROUBLED = graphql(`
  query Troubled($tenant: String) {
    silent: workers(filter: { tenant: $tenant, status: [SILENT] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    offline: workers(filter: { tenant: $tenant, status: [OFFLINE] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    slowest: workers(filter: { tenant: $tenant, status: [ONLINE] }, sort: { field: CONTRIBUTION, direction: ASC }, first: ${LOOKED_AT}) { ...Troubled }
  }
  fragment Troubled on WorkerConnection {
    totalCount
    nodes { name status lastShareAt expectedHashRate contribution(window: H1) { fraction low high } }
  }
`);

export type TroubledLists = ResultOf<typeof TROUBLED>;
export type TroubledWorker = TroubledLists['silent']['nodes'][number];

/** Apart from the others, since it needs the history store and they do not. */
export const REJECTING = graphql(`
  query Rejecting($tenant: String) {
    workers(filter: { tenant: $tenant }, sort: { field: INVALID, direction: DESC }, first: ${LOOKED_AT}) {
      totalCount
      nodes { name status shares(hours: 24) { accepted rejected invalidFraction byReason { reason count } } }
    }
  }
`);

export type RejectingWorker = ResultOf<typeof REJECTING>['workers']['nodes'][number];

const PLACE_TOTALS = `
  workers online silent offline
  hashRate(window: H1, algorithm: $algorithm) { hashRate low high }
  expectedHashRate(algorithm: $algorithm)
  shares { invalidFraction }
`;

export const PLACES = graphql(`
  query Places($algorithm: Algorithm!) {
    tenants { name totals { ${PLACE_TOTALS} } sites { name totals { ${PLACE_TOTALS} } } }
  }
`);

export const PLACES_OF_TENANT = graphql(`
  query PlacesOfTenant($algorithm: Algorithm!, $tenant: String!) {
    tenant(name: $tenant) { name totals { ${PLACE_TOTALS} } sites { name totals { ${PLACE_TOTALS} } } }
  }
`);

export type TenantPlace = ResultOf<typeof PLACES>['tenants'][number];
export type PlaceTotals = TenantPlace['totals'];

export const LATEST_EVENTS = graphql(`
  query LatestEvents($tenant: String) {
    events(tenant: $tenant, first: 8) {
      nodes {
        id
        at
        type
        tenant
        worker
        gateway
        detail
      }
    }
  }
`);

export const UPSTREAMS = graphql(`
  query Upstreams($tenant: String) {
    upstreams(tenant: $tenant, hours: 24) {
      source
      endpoint
      passedOn
      credited
      rejected
      unanswered
      unsent
      rejectedFraction
      byReason {
        reason
        count
      }
      passedOnHashRate {
        hashRate
        low
        high
      }
      creditedHashRate {
        hashRate
        low
        high
      }
      latencyP99Ms
      lastCreditedAt
    }
  }
`);

export type Upstream = NonNullable<ResultOf<typeof UPSTREAMS>['upstreams']>[number];

// What the overview asks: totals and troubled machines often, the day's chart and the breakdown less so.
import { document } from '../../api/document.ts';
import type { Algorithm, Contribution, DateTime, HashRate, PoolEvent, RangeInput, Series, ShareCounts, WorkerStatus } from '../../api/schema-types.ts';

export interface Totals {
  workers: number;
  online: number;
  silent: number;
  offline: number;
  hashRate: HashRate;
  lastHour: HashRate;
  expectedHashRate: number;
  shares: ShareCounts;
}

const TOTALS = `
  workers online silent offline
  hashRate(window: M15, algorithm: $algorithm) { hashRate low high }
  lastHour: hashRate(window: H1, algorithm: $algorithm) { hashRate low high }
  expectedHashRate(algorithm: $algorithm)
  shares { accepted rejected invalidFraction byReason { reason count } }
`;

interface ByAlgorithm {
  algorithm: Algorithm;
}

export const FLEET = document<{ fleet: Totals; sha256d: { workers: number }; scrypt: { workers: number } }, ByAlgorithm>(`
  query Fleet($algorithm: Algorithm!) {
    fleet(filter: { algorithm: $algorithm }) { ${TOTALS} }
    sha256d: fleet(filter: { algorithm: SHA256D }) { workers }
    scrypt: fleet(filter: { algorithm: SCRYPT }) { workers }
  }
`);

export const FLEET_CHANGED = document<{ fleetChanged: Totals }, ByAlgorithm>(`
  subscription FleetChanged($algorithm: Algorithm!) {
    fleetChanged(filter: { algorithm: $algorithm }, intervalMs: 3000) { ${TOTALS} }
  }
`);

export const FLEET_SERIES = document<{ fleet: { series: Series } }, ByAlgorithm & { range: RangeInput }>(`
  query FleetSeries($algorithm: Algorithm!, $range: RangeInput!) {
    fleet(filter: { algorithm: $algorithm }) {
      series(range: $range, algorithm: $algorithm) {
        stepSeconds
        points { at hashRate low high accepted rejected byReason { reason count } uptime }
      }
    }
  }
`);

export interface TroubledWorker {
  name: string;
  status: WorkerStatus;
  lastShareAt: DateTime | null;
  hashRate: HashRate | null;
  expectedHashRate: number | null;
  contribution: Contribution | null;
  shares: ShareCounts;
}

interface TroubledList {
  totalCount: number;
  nodes: TroubledWorker[];
}

export interface TroubledLists {
  silent: TroubledList;
  offline: TroubledList;
  slowest: TroubledList;
  mostInvalid: TroubledList;
}

/** How many of the slowest and of the most rejecting workers are looked at. */
export const LOOKED_AT = 50;

export const TROUBLED = document<TroubledLists>(`
  query Troubled {
    silent: workers(filter: { status: [SILENT] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    offline: workers(filter: { status: [OFFLINE] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    slowest: workers(filter: { status: [ONLINE] }, sort: { field: CONTRIBUTION, direction: ASC }, first: ${LOOKED_AT}) { ...Troubled }
    mostInvalid: workers(sort: { field: INVALID, direction: DESC }, first: ${LOOKED_AT}) { ...Troubled }
  }
  fragment Troubled on WorkerConnection {
    totalCount
    nodes {
      name status lastShareAt expectedHashRate
      hashRate(window: M15) { hashRate low high }
      contribution(window: H1) { fraction low high }
      shares(hours: 24) { accepted rejected invalidFraction byReason { reason count } }
    }
  }
`);

export interface PlaceTotals {
  workers: number;
  online: number;
  silent: number;
  offline: number;
  hashRate: HashRate;
  expectedHashRate: number;
  shares: { invalidFraction: number | null };
}

export interface TenantPlace {
  name: string;
  totals: PlaceTotals;
  sites: { name: string; totals: PlaceTotals }[];
}

const PLACE_TOTALS = `
  workers online silent offline
  hashRate(window: H1, algorithm: $algorithm) { hashRate low high }
  expectedHashRate(algorithm: $algorithm)
  shares { invalidFraction }
`;

export const PLACES = document<{ tenants: TenantPlace[] }, ByAlgorithm>(`
  query Places($algorithm: Algorithm!) {
    tenants { name totals { ${PLACE_TOTALS} } sites { name totals { ${PLACE_TOTALS} } } }
  }
`);

export const LATEST_EVENTS = document<{ events: { nodes: PoolEvent[] } }>(`
  query LatestEvents { events(first: 8) { nodes { id at type tenant worker gateway detail } } }
`);

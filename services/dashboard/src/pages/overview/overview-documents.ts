// What the overview asks: totals and troubled machines often, the day's chart and the breakdown less so.
import { document } from '../../api/document.ts';
import type {
  Algorithm,
  Contribution,
  DateTime,
  HashRate,
  PoolEvent,
  RangeInput,
  ReasonCount,
  Series,
  ShareCounts,
  WorkerStatus,
} from '../../api/schema-types.ts';

export interface Totals {
  workers: number;
  online: number;
  silent: number;
  offline: number;
  hashRate: HashRate;
  lastHour: HashRate;
  expectedHashRate: number;
  shares: ShareCounts | null;
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

export const FLEET = document<
  { fleet: Totals; sha256d: { workers: number }; scrypt: { workers: number } },
  ByAlgorithm
>(`
  query Fleet($algorithm: Algorithm!) {
    fleet { ${TOTALS} }
    sha256d: fleet(filter: { algorithm: SHA256D }) { workers }
    scrypt: fleet(filter: { algorithm: SCRYPT }) { workers }
  }
`);

export const FLEET_CHANGED = document<{ fleetChanged: Totals }, ByAlgorithm>(`
  subscription FleetChanged($algorithm: Algorithm!) {
    fleetChanged(intervalMs: 3000) { ${TOTALS} }
  }
`);

export const FLEET_SERIES = document<{ fleet: { series: Series | null } }, ByAlgorithm & { range: RangeInput }>(`
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
  expectedHashRate: number | null;
  contribution: Contribution | null;
}

interface TroubledList {
  totalCount: number;
  nodes: TroubledWorker[];
}

export interface TroubledLists {
  silent: TroubledList;
  offline: TroubledList;
  slowest: TroubledList;
}

/** How many of the slowest and of the most rejecting workers are looked at. */
export const LOOKED_AT = 50;

export const TROUBLED = document<TroubledLists>(`
  query Troubled {
    silent: workers(filter: { status: [SILENT] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    offline: workers(filter: { status: [OFFLINE] }, sort: { field: LAST_SHARE, direction: DESC }, first: 6) { ...Troubled }
    slowest: workers(filter: { status: [ONLINE] }, sort: { field: CONTRIBUTION, direction: ASC }, first: ${LOOKED_AT}) { ...Troubled }
  }
  fragment Troubled on WorkerConnection {
    totalCount
    nodes { name status lastShareAt expectedHashRate contribution(window: H1) { fraction low high } }
  }
`);

export interface RejectingWorker {
  name: string;
  status: WorkerStatus;
  shares: ShareCounts | null;
}

/** Apart from the others, since it needs the history store and they do not. */
export const REJECTING = document<{ workers: { totalCount: number; nodes: RejectingWorker[] } }>(`
  query Rejecting {
    workers(sort: { field: INVALID, direction: DESC }, first: ${LOOKED_AT}) {
      totalCount
      nodes { name status shares(hours: 24) { accepted rejected invalidFraction byReason { reason count } } }
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
  shares: { invalidFraction: number | null } | null;
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

export const LATEST_EVENTS = document<{ events: { nodes: PoolEvent[] } | null }>(`
  query LatestEvents { events(first: 8) { nodes { id at type tenant worker gateway detail } } }
`);

export interface Upstream {
  source: string;
  endpoint: string;
  passedOn: number;
  credited: number;
  rejected: number;
  unanswered: number;
  unsent: number;
  rejectedFraction: number | null;
  byReason: ReasonCount[];
  passedOnHashRate: HashRate;
  creditedHashRate: HashRate;
  latencyP99Ms: number | null;
  lastCreditedAt: DateTime | null;
}

export const UPSTREAMS = document<{ upstreams: Upstream[] | null }>(`
  query Upstreams {
    upstreams(hours: 24) {
      source endpoint passedOn credited rejected unanswered unsent rejectedFraction byReason { reason count }
      passedOnHashRate { hashRate low high } creditedHashRate { hashRate low high } latencyP99Ms lastCreditedAt
    }
  }
`);

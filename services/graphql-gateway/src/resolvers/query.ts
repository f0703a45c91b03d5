// The fields of Query, and the tenants and sites they lead to.
import type { Algorithm } from '@assay/mining';
import { EVERYTHING } from '@assay/tenancy';
import { pageSize } from '../argument-bounds.ts';
import type { OperationContext } from '../operation/context.ts';
import type { Moment } from '../operation/moment.ts';
import { BudgetedCache } from '../budgeted-cache.ts';
import { networkDifficulty, newestShareUs } from '../queries/pool-facts.ts';
import { bySite, byTenant, type Rack } from '../workers/racks.ts';
import { filterRacks, workerFilter, type WorkerFilter, type WorkerFilterInput } from '../workers/worker-filter.ts';
import { workerPage } from '../workers/worker-page.ts';
import type { WorkerSort } from '../workers/worker-sort.ts';
import { connectionGuide } from './connection-guide.ts';
import { eventConnection, type EventsArguments } from './events.ts';
import type { FleetTotalsSource } from './fleet-totals.ts';
import type { ResolverPorts } from './ports.ts';
import { upstreamsResolver } from './upstreams.ts';
import type { WorkerSource } from './worker.ts';

interface TenantSource {
  readonly name: string;
  readonly racks: readonly Rack[];
  readonly moment: Moment;
}

interface WorkersArguments {
  readonly filter?: WorkerFilterInput;
  readonly sort?: WorkerSort | null;
  readonly first: number | null;
  readonly after?: string | null;
}

const BY_NAME: WorkerSort = { field: 'NAME', direction: 'ASC' };

export async function fleetTotals(moment: Moment, filter: WorkerFilter): Promise<FleetTotalsSource> {
  const { racks } = await moment.snapshot();
  return { racks: filterRacks(racks, filter), filter, moment };
}

export function queryResolvers(ports: ResolverPorts) {
  const history = new BudgetedCache(() => ports.store.available(), ports.clock, { freshMs: 1000, staleMs: 5000 });
  const pool = ports.store.for(EVERYTHING);
  const newestShare = new BudgetedCache(() => newestShareUs(pool), ports.clock, { freshMs: 1000, staleMs: 5000 });

  return {
    status: async (_root: unknown, _args: unknown, { moment }: OperationContext) => {
      const { live } = await moment.snapshot();
      return {
        version: ports.version,
        startedAt: ports.startedAtUs,
        now: ports.clock.nowUs(),
        live,
        history: () => history.get(),
        newestShareAt: () => (moment.visibility.everything ? newestShare.get() : newestShareUs(moment.store)),
      };
    },

    tenants: async (_root: unknown, _args: unknown, { moment }: OperationContext): Promise<TenantSource[]> => {
      const { racks } = await moment.snapshot();
      return byTenant(racks).map(([name, ofTenant]) => ({ name, racks: ofTenant, moment }));
    },

    tenant: async (
      _root: unknown,
      { name }: { name: string },
      { moment }: OperationContext,
    ): Promise<TenantSource | null> => {
      const racks = filterRacks((await moment.snapshot()).racks, { tenant: name });
      return racks.length === 0 ? null : { name, racks, moment };
    },

    fleet: (_root: unknown, { filter }: { filter?: WorkerFilterInput }, { moment }: OperationContext) =>
      fleetTotals(moment, workerFilter(filter)),

    workers: async (_root: unknown, args: WorkersArguments, { moment }: OperationContext) => {
      const first = pageSize(args.first);
      const sort = args.sort ?? BY_NAME;
      const [snapshot, history] = await Promise.all([moment.snapshot(), moment.sortHistory(sort.field)]);
      const page = await workerPage(
        snapshot,
        { filter: workerFilter(args.filter), sort, first, after: args.after ?? undefined },
        history,
        ports.orders,
      );
      const edges = page.entries.map(({ cursor, facts }) => ({
        cursor,
        node: { facts, moment } satisfies WorkerSource,
      }));
      return {
        edges,
        nodes: edges.map(({ node }) => node),
        pageInfo: { hasNextPage: page.hasNextPage, endCursor: edges.at(-1)?.cursor ?? null },
        totalCount: page.totalCount,
      };
    },

    worker: async (
      _root: unknown,
      { name }: { name: string },
      { moment }: OperationContext,
    ): Promise<WorkerSource | null> => {
      const facts = (await moment.snapshot()).byName.get(name);
      return facts ? { facts, moment } : null;
    },

    events: (_root: unknown, args: EventsArguments, { moment }: OperationContext) => eventConnection(moment, args),

    // Of the networks, which anybody can look up: also for who sees nothing else of the pool's jobs.
    networkDifficulty: async (
      _root: unknown,
      { algorithm, first }: { algorithm: Algorithm | null; first: number | null },
    ) => {
      const changes = await networkDifficulty(pool, algorithm ?? 'sha256d', pageSize(first, 100));
      return changes.map(({ atUs, difficulty, nbits }) => ({ at: atUs, difficulty, nbits }));
    },

    upstreams: upstreamsResolver(ports),

    connection: () => connectionGuide(ports.config),
  };
}

export const tenantResolvers = {
  sites: ({ name: tenant, racks, moment }: TenantSource) =>
    bySite(racks).map(([site, ofSite]) => ({
      tenant,
      name: site,
      totals: { racks: ofSite, filter: { tenant, site }, moment } satisfies FleetTotalsSource,
    })),
  totals: ({ name: tenant, racks, moment }: TenantSource): FleetTotalsSource => ({ racks, filter: { tenant }, moment }),
};

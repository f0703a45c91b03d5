// The root fields of the query schema over the sample state.
// By file name: the package holds itself twice, and the test runner would give us the copy that graphql-ws does not use.
import { GraphQLError } from 'graphql/index.js';
import { fleetMapAnswer, type MapArguments } from './sample-map.ts';
import { filtered, historyAway, sorted, totalsAnswer } from './sample-answers.ts';
import type { SampleWorker } from './sample-fleet.ts';
import type { SampleState } from './sample-state.ts';
import { sampleUpstreams } from './sample-upstreams.ts';

/** Fields by name, each a function of its arguments. */
type Root = Record<string, (args: never) => unknown>;

/** Cuts one page out of a list; the cursor is the position of its last entry. */
function page<T>(
  list: readonly T[],
  first: number,
  after: string | null | undefined,
): { start: number; nodes: T[]; pageInfo: object } {
  if (first < 1 || first > 1000)
    throw new GraphQLError('first must be between 1 and 1000', { extensions: { code: 'BAD_USER_INPUT' } });
  const start = after ? Number(after) + 1 : 0;
  const nodes = list.slice(start, start + first);
  const end = start + nodes.length - 1;
  return {
    start,
    nodes,
    pageInfo: { hasNextPage: end + 1 < list.length, endCursor: nodes.length > 0 ? String(end) : null },
  };
}

export function queryRoot(state: SampleState): Root {
  const guarded =
    <A, R>(answer: (args: A) => R) =>
    (args: A): R => {
      if (state.mode === 'error')
        throw new GraphQLError('ClickHouse did not answer within 10 s', {
          extensions: { code: 'TIMEOUT', retriable: true },
        });
      return answer(args);
    };
  const tenants = (): { readonly name: string }[] => {
    const names = [...new Set(state.workers.map((worker) => worker.tenant))].sort();
    return names.map((name) => {
      const of = state.workers.filter((worker) => worker.tenant === name);
      const sites = [...new Set(of.map((worker) => worker.site))].sort();
      return {
        alertCounts: NO_ALERTS,
        alerts: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0, isCurrent: true },
        name,
        totals: () => totalsAnswer(of, state.sight),
        sites: sites.map((site) => ({
          tenant: name,
          name: site,
          totals: () =>
            totalsAnswer(
              of.filter((worker) => worker.site === site),
              state.sight,
            ),
        })),
      };
    });
  };
  return {
    // An open pool in which nobody has entered anything.
    viewer: () => ({
      kind: 'OPEN',
      grants: [],
      permissions: ['FLEET_VIEW', 'WORKER_EDIT'],
      secondFactorRequired: false,
    }),
    workerEntry: guarded(() => null),
    ownerships: guarded(() => ({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } })),
    status: () => ({
      version: '0.1.0-sample',
      startedAt: new Date(state.startedAtMs).toISOString(),
      now: new Date().toISOString(),
      ...state.sight,
      newestShareAt: state.workers.length === 0 ? null : new Date(Date.now() - 2_000).toISOString(),
    }),
    tenants: guarded(tenants),
    tenant: guarded(({ name }: { name: string }) => tenants().find((tenant) => tenant.name === name) ?? null),
    fleetMap: guarded((args: MapArguments) => fleetMapAnswer(filtered(state.workers, args.filter), args)),
    fleet: guarded(({ filter }: { filter?: object }) => totalsAnswer(filtered(state.workers, filter), state.sight)),
    workers: guarded(
      ({
        filter,
        sort,
        first,
        after,
      }: {
        filter?: object;
        sort: Parameters<typeof sorted>[1];
        first: number;
        after?: string;
      }) => {
        const all = sorted(filtered(state.workers, filter), sort);
        const { start, nodes, pageInfo } = page(all, first, after);
        const answers = nodes.map(state.answer);
        return {
          totalCount: all.length,
          nodes: answers,
          edges: answers.map((node, i) => ({ cursor: String(start + i), node })),
          pageInfo,
        };
      },
    ),
    worker: guarded(({ name }: { name: string }) => {
      const found = state.workers.find((worker) => worker.name === name);
      return found ? state.answer(found) : null;
    }),
    events: guarded(
      ({
        tenant,
        worker,
        types,
        first,
        after,
      }: {
        tenant?: string;
        worker?: string;
        types?: string[];
        first: number;
        after?: string;
      }) => {
        if (!state.sight.history) throw historyAway();
        const all = (state.mode === 'empty' ? [] : state.events).filter(
          (event) =>
            (!tenant || event.tenant === tenant) &&
            (!worker || event.worker === worker) &&
            (!types || types.includes(event.type)),
        );
        const { nodes, pageInfo } = page(all, first, after);
        return { nodes, pageInfo };
      },
    ),
    networkDifficulty: () => [],
    upstreams: () => (state.mode === 'normal' ? sampleUpstreams(Date.now()) : []),
    connection: () => ({
      urls: ['stratum+tcp://127.0.0.1:3333'],
      stratumPort: 3333,
      minimumDifficulty: 0.00001,
      demo: state.mode !== 'empty',
    }),
  };
}

const NO_ALERTS = { firing: 0, acknowledged: 0, critical: 0, warning: 0, info: 0, isCurrent: true };

export function subscriptionRoot(state: SampleState): Root {
  return {
    async *workersChanged({ filter }: { filter?: object }) {
      let wake = (): void => undefined;
      const notify = (): void => wake();
      const changed = new Set<SampleWorker>();
      state.pending.set(notify, changed);
      try {
        for (;;) {
          if (changed.size === 0) await new Promise<void>((resolve) => (wake = resolve));
          const batch = filtered([...changed], filter).slice(0, 500);
          changed.clear();
          if (batch.length > 0) yield { workersChanged: batch.map(state.answer) };
        }
      } finally {
        state.pending.delete(notify);
      }
    },
    // Of this farm nobody finds anything: pages with alerts are tested on the real gateway (alerts.test.ts).
    async *alertsChanged() {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
        yield { alertsChanged: { counts: NO_ALERTS, alerts: [] } };
      }
    },
    async *fleetChanged({ filter, intervalMs }: { filter?: object; intervalMs: number }) {
      for (;;) {
        yield { fleetChanged: totalsAnswer(filtered(state.workers, filter), state.sight) };
        await new Promise((resolve) => setTimeout(resolve, intervalMs).unref());
      }
    },
  };
}

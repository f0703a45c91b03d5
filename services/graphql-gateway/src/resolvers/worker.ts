// Fields of one worker.
import { historyHours, pageSize } from '../argument-bounds.ts';
import type { Moment } from '../operation/moment.ts';
import { planRange, type RangeInput } from '../series/range-plan.ts';
import { seriesPoints } from '../series/series-points.ts';
import { contributionIn, type WorkerFacts } from '../workers/worker-facts.ts';
import type { ResolverPorts } from './ports.ts';
import { hashRateValue, seriesPointValue, shareCountsValue } from './share-values.ts';
import { liveWindow, type SchemaWindow } from './enums.ts';
import { eventValue } from './events.ts';
import { machineSeries } from './machines/machine-series.ts';

/** A worker in an answer: what is known of it, and the moment the rest is read at. */
export interface WorkerSource {
  readonly facts: WorkerFacts;
  readonly moment: Moment;
}

export function workerResolvers(ports: ResolverPorts) {
  return {
    name: ({ facts }: WorkerSource) => facts.worker,
    tenant: ({ facts }: WorkerSource) => facts.tenant,
    site: ({ facts }: WorkerSource) => facts.site,
    // Everything after the tenant.
    path: ({ facts }: WorkerSource) => facts.worker.slice(facts.tenant.length + 1),
    algorithm: ({ facts }: WorkerSource) => facts.algorithm,
    status: ({ facts }: WorkerSource) => facts.status,
    userAgent: ({ facts }: WorkerSource) => facts.userAgent,
    difficulty: ({ facts }: WorkerSource) => facts.difficulty,
    connectedSince: ({ facts }: WorkerSource) => facts.connectedSinceUs,
    firstSeen: ({ facts }: WorkerSource) => facts.firstSeenUs,
    lastShareAt: ({ facts }: WorkerSource) => facts.lastShareAtUs,
    bestShare: ({ facts }: WorkerSource) => facts.bestShareDifficulty,
    expectedHashRate: ({ facts }: WorkerSource) => facts.expectedHashRateHs,

    hashRate: ({ facts }: WorkerSource, { window }: { window: SchemaWindow | null }) => {
      const rate = facts.rates?.[liveWindow(window, 'M15')];
      return rate && hashRateValue(rate);
    },

    contribution: ({ facts }: WorkerSource, { window }: { window: SchemaWindow | null }) =>
      contributionIn(facts, liveWindow(window, 'H1')),

    uptime: ({ facts, moment }: WorkerSource, { hours }: { hours: number | null }) =>
      moment.uptime(facts, historyHours(hours)),

    shares: async ({ facts, moment }: WorkerSource, { hours }: { hours: number | null }) =>
      shareCountsValue(await moment.shareCounts(facts, historyHours(hours))),

    series: async ({ facts, moment }: WorkerSource, { range }: { range: RangeInput }) => {
      const nowUs = ports.clock.nowUs();
      const plan = planRange(range, nowUs, ports.retention);
      const steps = await moment.series(facts, plan);
      const uptime = () => moment.seriesUptime(facts, plan);
      const points = seriesPoints(plan, steps, facts.algorithm, facts.difficulty, nowUs);
      const machine = machineSeries({ facts, moment }, { record: ports.record, plan, steps, points, nowUs, uptime });
      return {
        stepSeconds: plan.stepSeconds,
        points: points.map((point, i) => ({ ...seriesPointValue(point, i, uptime), ...machine.pointValue(i) })),
        efficiency: machine.efficiency,
      };
    },

    events: async ({ facts, moment }: WorkerSource, { first }: { first: number | null }) =>
      (await moment.events(facts, pageSize(first))).map((event) => eventValue(event, moment.visibility)),
  };
}

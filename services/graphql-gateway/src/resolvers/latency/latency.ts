// How long a worker takes to answer its gateway.
import { planRange, type RangeInput } from '../../series/range-plan.ts';
import type { ResolverPorts } from '../ports.ts';
import type { WorkerSource } from '../worker.ts';

export function latencyResolvers(ports: ResolverPorts) {
  return {
    latency: async ({ facts, moment }: WorkerSource) => {
      const recent = await moment.answerTimes(facts);
      return recent && { ...recent, newestAt: recent.newestAtSeconds * 1e6 };
    },

    latencySeries: async ({ facts, moment }: WorkerSource, { range }: { range: RangeInput }) => {
      const plan = planRange(range, ports.clock.nowUs(), ports.retention);
      const steps = await moment.answerTimeSeries(facts, plan);
      const points = Array.from({ length: plan.points }, (_, i) => ({
        at: (plan.startSeconds + i * plan.stepSeconds) * 1e6,
        ...(steps.get(i) ?? { answers: 0 }),
      }));
      return { stepSeconds: plan.stepSeconds, points };
    },
  };
}

// A histogram whose counts are kept elsewhere as a metric: prom-client's own can only be observed into, at a label lookup each.
import type { Metric, Registry } from 'prom-client';
import type { Histogram } from './gateway-tallies.ts';

export interface LabelledHistogram {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: Histogram;
}

/** @param all read anew each time Prometheus asks */
export function registerHistogram(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  all: () => readonly LabelledHistogram[],
): void {
  const get = (): Promise<unknown> => {
    const values = all().flatMap(({ labels, histogram }) => {
      let below = 0;
      const buckets = histogram.bounds.map((le, i) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le },
        value: (below += histogram.counts[i]!),
      }));
      return [
        ...buckets,
        { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: histogram.count },
        { metricName: `${name}_sum`, labels, value: histogram.sum },
        { metricName: `${name}_count`, labels, value: histogram.count },
      ];
    });
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  };
  // The registry asks a metric for nothing else; its type describes prom-client's own classes.
  registry.registerMetric({
    name,
    help,
    labelNames,
    type: 'histogram',
    get,
    reset: () => undefined,
  } as unknown as Metric);
}

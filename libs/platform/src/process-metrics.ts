// What every process shows besides its service's own metrics: which build it is, and what Node knows of itself (event-loop delay, heap,
// garbage collection, CPU). A process of several threads shows each thread's event loop under its name.
import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** @param commit the source was built from, empty when not known */
export function registerProcessMetrics(registry: Registry, service: string, commit: string): void {
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'assay_build_info',
    help: 'Always 1: the service, its version, the commit it was built from and the Node it runs on.',
    labelNames: ['service', 'version', 'commit', 'node'],
    registers: [registry],
  });
  build.set({ service, version, commit, node: process.version }, 1);
}

/** Of Node's own metrics those that each thread has for itself. */
const OF_A_THREAD = /^nodejs_(eventloop|gc|heap)_/;

/** For a thread's own registry, whose page is joined with that of the process. */
export function registerThreadMetrics(registry: Registry, thread: string): void {
  const all = new Registry();
  collectDefaultMetrics({ register: all, labels: { thread } });
  for (const metric of all.getMetricsAsArray()) {
    // Described as objects by prom-client's types, which are its own classes all the same.
    const { name } = metric as unknown as { name: string };
    if (OF_A_THREAD.test(name)) registry.registerMetric(all.getSingleMetric(name)!);
  }
}

/** One page of several in Prometheus' text format: a metric that stands on more than one is announced once, as the format asks for. */
export function joinMetrics(pages: readonly string[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const page of pages) {
    let family = { head: [] as string[], samples: [] as string[] };
    for (const line of page.split('\n')) {
      const name = /^# HELP (\S+)/.exec(line)?.[1];
      if (name !== undefined) {
        family = families.get(name) ?? { head: [], samples: [] };
        families.set(name, family);
      }
      if (line.startsWith('# ')) {
        if (!family.head.some((known) => known.split(' ')[1] === line.split(' ')[1])) family.head.push(line);
      } else if (line !== '') family.samples.push(line);
    }
  }
  return [...families.values()].map(({ head, samples }) => [...head, ...samples].join('\n')).join('\n\n') + '\n';
}

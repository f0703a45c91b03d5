// docs/metrics.md is the registries themselves. After a change: npx vitest run --config vitest.e2e.config.ts metrics-docs -u
import { beforeAll, describe, expect, it } from 'vitest';
import { serviceMetrics, type MetricDoc } from './service-registries.ts';

const INTRODUCTION = `# Metrics

Every process answers \`/metrics\` in Prometheus' text format. A metric is named \`assay_<service>_<what>_<unit>\`; a histogram stands
here under its own name and is queried as \`…_bucket\`, \`…_sum\` and \`…_count\`. No label names a worker, a tenant or an address, so the
number of series stays bounded however many miners there are. The standalone shows the metrics of all services on one page; its stratum
gateway has a thread of its own, whose event loop is the one with \`thread="stratum-gateway"\`.

A share block can be followed through all services as well, see [traces](traces.md). Alert rules over these are in [infra/prometheus](../infra/prometheus), what to do about them in [runbooks](runbooks/README.md).
`;

/** Labels whose values somebody outside could make many of. */
const UNBOUNDED = ['worker', 'tenant', 'site', 'address', 'ip', 'connection', 'job', 'message', 'error'];

function section(title: string, metrics: readonly MetricDoc[]): string {
  const rows = metrics.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || 'none'} | ${help} |`,
  );
  return [`## ${title}`, '', '| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

describe('metrics', () => {
  let parts: ReadonlyMap<string, readonly MetricDoc[]>;
  beforeAll(async () => {
    parts = await serviceMetrics();
  });

  it('are documented as they are', async () => {
    const sections = [...parts].map(([title, metrics]) => section(title, metrics));
    await expect([INTRODUCTION, ...sections].join('\n')).toMatchFileSnapshot('../../../docs/metrics.md');
  });

  it('have names of one kind, meanings that are sentences, and no label with values without end', () => {
    const all = [...parts.values()].flat();
    expect(all.length).toBeGreaterThan(80);
    for (const { name, help, labels, type } of all.filter((metric) => metric.name.startsWith('assay_'))) {
      expect(name).toMatch(/^assay_[a-z0-9_]+$/);
      expect(help, name).toMatch(/^\S.*\.$/);
      expect(
        labels.filter((label) => UNBOUNDED.includes(label)),
        name,
      ).toEqual([]);
      if (type === 'counter') expect(name).toMatch(/_total$/);
    }
    const names = all.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

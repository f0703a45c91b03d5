// Nodes as sources of jobs, as Prometheus metrics, read only when Prometheus asks.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { JobSource } from '../jobs/job-source.ts';
import { NodeSource } from './node-source.ts';
import type { NodeWatch } from './node-watch.ts';

const PREFIX = 'assay_stratum_gateway_node_';

/** @param all every source of the gateway, of whichever kind */
export function registerNodeMetrics(registry: Registry, all: readonly JobSource[]): void {
  const sources = all.filter((source) => source instanceof NodeSource);
  const registers = [registry];
  const counter = (name: string, help: string, value: (source: NodeSource) => number): void =>
    void new Counter({
      name: PREFIX + name,
      help,
      labelNames: ['source'],
      registers,
      collect() {
        this.reset();
        for (const source of sources) this.inc({ source: source.name }, value(source));
      },
    });
  const gauge = (name: string, help: string, value: (source: NodeSource) => number | undefined): void =>
    void new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['source'],
      registers,
      collect() {
        this.reset();
        for (const source of sources) {
          const now = value(source);
          if (now !== undefined) this.set({ source: source.name }, now);
        }
      },
    });
  const gaugeOfNode = (name: string, help: string, value: (node: NodeWatch, source: NodeSource) => number): void =>
    void new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['source', 'node'],
      registers,
      collect() {
        this.reset();
        for (const source of sources)
          for (const node of source.nodes) this.set({ source: source.name, node: node.client.endpoint }, value(node, source)); // prettier-ignore
      },
    });

  counter('templates_total', 'Block templates that became jobs.', ({ tallies }) => tallies.templates);
  counter('failovers_total', 'Times the work moved to another node, or back.', ({ tallies }) => tallies.failovers);
  new Counter({
    name: `${PREFIX}blocks_total`,
    help: 'Found blocks by the best answer of the nodes: accepted, rejected, unanswered, or unsent to any.',
    labelNames: ['source', 'verdict'],
    registers,
    collect() {
      this.reset();
      for (const { name, tallies } of sources)
        for (const [verdict, count] of Object.entries(tallies.blocks)) this.inc({ source: name, verdict }, count);
    },
  });
  gauge('waiting_blocks', 'Found blocks that not every node has answered yet.', (source) => source.waitingBlocks);
  gauge(
    'template_age_seconds',
    'Since the last template that became a job; missing before the first.',
    ({ tallies }) =>
      tallies.lastTemplateAtMs === undefined ? undefined : (performance.now() - tallies.lastTemplateAtMs) / 1000,
  );
  gaugeOfNode('height', 'Best block of a node, 0 while it is away.', (node) => node.height);
  gaugeOfNode('in_order', '1 while a node can give work, else 0.', (node) => (node.trouble === '' ? 1 : 0));
  gaugeOfNode('in_use', '1 for the node that gives the work.', (node, source) => (source.active === node ? 1 : 0));
}

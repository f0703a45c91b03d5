// Upstream pools as Prometheus metrics, read only when Prometheus asks. Labels name sources and endpoints, of which there are few.
import { Counter, Gauge, type Registry } from 'prom-client';
import { registerHistogram } from '../histogram-metric.ts';
import type { JobSource } from '../jobs/job-source.ts';
import type { UpstreamEndpoint } from './upstream-endpoint.ts';
import { UpstreamPool } from './upstream-pool.ts';

const PREFIX = 'assay_stratum_gateway_upstream_';

/** @param all every source of the gateway, of whichever kind */
export function registerUpstreamMetrics(registry: Registry, all: readonly JobSource[]): void {
  const pools = all.filter((source) => source instanceof UpstreamPool);
  const registers = [registry];
  const endpoints = (): { pool: UpstreamPool; endpoint: UpstreamEndpoint; labels: Record<string, string> }[] =>
    pools.flatMap((pool) =>
      pool.endpoints.map((endpoint) => ({ pool, endpoint, labels: { source: pool.name, endpoint: endpoint.name } })),
    );
  const gauge = (name: string, help: string, value: (endpoint: UpstreamEndpoint, pool: UpstreamPool) => number): void =>
    void new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['source', 'endpoint'],
      registers,
      collect() {
        this.reset();
        for (const { pool, endpoint, labels } of endpoints()) this.set(labels, value(endpoint, pool));
      },
    });
  const counter = (name: string, help: string, value: (endpoint: UpstreamEndpoint) => number): void =>
    void new Counter({
      name: PREFIX + name,
      help,
      labelNames: ['source', 'endpoint'],
      registers,
      collect() {
        this.reset();
        for (const { endpoint, labels } of endpoints()) this.inc(labels, value(endpoint));
      },
    });
  /** A counter with one more label. */
  const counters = (
    name: string,
    help: string,
    label: string,
    values: (endpoint: UpstreamEndpoint) => Iterable<readonly [string, number]>,
  ): void =>
    void new Counter({
      name: PREFIX + name,
      help,
      labelNames: ['source', 'endpoint', label],
      registers,
      collect() {
        this.reset();
        for (const { endpoint, labels } of endpoints())
          for (const [key, count] of values(endpoint)) this.inc({ ...labels, [label]: key }, count);
      },
    });

  gauge('in_order', '1 while an endpoint has work and takes shares.', ({ inOrderSinceMs }) =>
    inOrderSinceMs === undefined ? 0 : 1,
  );
  gauge('in_use', '1 for the endpoint that gives the work.', (endpoint, { active }) => (active === endpoint ? 1 : 0));
  gauge('difficulty', "Difficulty of an endpoint's newest job, 0 before the first.", ({ work }) =>
    work === undefined ? 0 : work.of.difficulty,
  );
  gauge('waiting_shares', 'Shares passed on, or to be passed on, without an answer yet.', ({ shares }) => shares.size);
  new Counter({
    name: `${PREFIX}switches_total`,
    help: 'Times the work moved to another endpoint, or back.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      for (const { name, switches } of pools) this.inc({ source: name }, switches);
    },
  });
  counter('connects_total', 'Connections that brought work.', ({ tallies }) => tallies.connects);
  counter('losses_total', 'Connections that ended or came to nothing.', ({ tallies }) => tallies.losses);
  counter('jobs_total', 'Jobs received.', ({ tallies }) => tallies.jobs);
  counter('forwarded_shares_total', 'Shares passed on, each once.', ({ tallies }) => tallies.forwarded);
  counter('resent_shares_total', 'Shares sent again after a connection was lost.', ({ tallies }) => tallies.resent);
  counter('repeated_shares_total', 'Work found twice, passed on once.', ({ tallies }) => tallies.repeated);
  counter('redirects_total', 'Times a pool asked to connect elsewhere and was followed.', ({ tallies }) => tallies.redirects); // prettier-ignore
  counter('refused_accounts_total', "Workers' names that went under the base account.", ({ tallies }) => tallies.refusedAccounts); // prettier-ignore
  counters('shares_total', 'Shares by what became of them: accepted, rejected, unanswered, unsent.', 'verdict', ({ tallies }) => Object.entries(tallies.shares)); // prettier-ignore
  counters('rejects_total', "Rejected shares by stratum's error code, or other.", 'code', ({ tallies }) => tallies.rejects); // prettier-ignore
  counters('problems_total', 'Lines of a pool that could not be used, by what was wrong.', 'problem', ({ tallies }) => tallies.problems); // prettier-ignore
  registerHistogram(
    registry,
    `${PREFIX}answer_seconds`,
    'From passing a share on to its answer.',
    ['source', 'endpoint'],
    () => endpoints().map(({ endpoint, labels }) => ({ labels, histogram: endpoint.tallies.answers })),
  );
}

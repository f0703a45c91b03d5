// What the processes of a cluster show of themselves: every metric is documented, and a sampled block's trace goes through real Kafka.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterProcesses } from '../harness/cluster-process.ts';
import { CpuMiner } from '../harness/cpu-miner.ts';
import { waitFor } from '../harness/wait-for.ts';
import { KnownMetrics } from './known-metrics.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

const SUBMITS = 10;
const TIMEOUT_MS = 60_000;

/** Of each service, metrics that only it has, and that its wiring alone can forget. */
const OWN = {
  'stratum-gateway': ['assay_stratum_gateway_spool_bytes', 'assay_kafka_batches_total', 'assay_live_state_live'],
  validator: ['assay_validator_lag_seconds', 'assay_kafka_rebalances_total', 'assay_validator_failing_partitions'],
  aggregator: ['assay_aggregator_lag_seconds', 'assay_kafka_rebalances_total', 'assay_live_state_live'],
  alerter: ['assay_alerter_keeper', 'assay_kafka_rebalances_total', 'assay_live_state_live'],
  'graphql-gateway': ['assay_graphql_operations_total', 'assay_live_state_live'],
};

describe('the processes of a cluster', () => {
  let receiver: OtlpReceiver;
  let pool: ClusterProcesses;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const traces = { ASSAY_OTLP_URL: receiver.url };
    const easy = { ASSAY_MIN_DIFFICULTY: '0.00001', ASSAY_MAX_DIFFICULTY: '0.00001' };
    pool = await ClusterProcesses.launch({
      gateways: 1,
      validators: 1,
      aggregators: 1,
      partitions: 2,
      settings: { gateway: { ...easy, ...traces, ASSAY_TRACE_SAMPLE: '1' }, validator: traces, aggregator: traces },
    });
    const miner = new CpuMiner({
      port: pool.cluster.stratumPorts[0]!,
      user: 'acme.n.m1',
      password: 'x',
      submits: SUBMITS,
    });
    try {
      await waitFor('shares', TIMEOUT_MS, () => miner.accepted + miner.rejected === SUBMITS);
      await waitFor('rows', TIMEOUT_MS, async () => {
        const [row] = await pool.sql<{ n: string }>('SELECT count() AS n FROM assay.shares');
        return Number(row!.n) === SUBMITS;
      });
    } finally {
      miner.close();
    }
  });
  afterAll(async () => {
    await pool.dispose();
    receiver.close();
  });

  it('show no metric that is not documented, and those that their wiring alone can forget', async () => {
    const known = new KnownMetrics();
    for (const { service, opsUrl } of pool.cluster.services) {
      const page = await (await fetch(`${opsUrl}/metrics`)).text();
      const names = [...page.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name!);
      expect(
        names.filter((name) => !known.has(name)),
        service,
      ).toEqual([]);
      for (const name of [...OWN[service], 'assay_build_info', 'assay_ready', 'nodejs_eventloop_lag_p99_seconds'])
        expect(names, service).toContain(name);
      expect(page).toMatch(/^assay_ready 1$/m);
    }
  });

  it('follow every block from the gateway through Kafka to each insert', async () => {
    const named = (name: string): ReceivedSpan[] => receiver.spans.filter((span) => span.name === name);
    const proved = (): ReceivedSpan[] => named('validator block');
    await waitFor('every block to be linked from a batch', TIMEOUT_MS, () => {
      const linked = named('aggregator batch').flatMap(({ links = [] }) => links).length;
      return linked > 0 && linked === proved().length && proved().length === named('gateway block').length;
    });
    const services = new Set(receiver.spans.map(({ service }) => service));
    expect(services).toEqual(new Set(['stratum-gateway', 'validator', 'aggregator']));
    const blocks = new Map(named('gateway block').map((span) => [span.spanId, span]));
    for (const span of proved()) expect(blocks.get(span.parentSpanId!)?.traceId).toBe(span.traceId);
    for (const batch of named('aggregator batch')) {
      expect(proved().map(({ spanId }) => spanId)).toContain(batch.parentSpanId);
      const inserts = receiver.spans
        .filter(({ parentSpanId }) => parentSpanId === batch.spanId)
        .map(({ name }) => name);
      for (const table of ['shares', 'rollup_1m', 'rollup_1h', 'rollup_1d'])
        expect(inserts).toContain(`insert ${table}`);
    }
  });
});

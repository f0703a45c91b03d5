// Every Kafka broker is killed under load and stays away: miners must be answered all the while, from the gateways' spools; once Kafka
// is back the spools drain, and every acknowledged share must stand in ClickHouse exactly once. Half way one gateway is killed as
// well, with what is in its spool, and started while Kafka is away.
import { Farm } from '@assay/sim';
import { ackedBeyond, pause } from '../chaos/progress.ts';
import { ClusterProcesses } from '../harness/cluster-process.ts';
import { Ledger } from '../harness/ledger.ts';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { AnswerTimes, quantile } from './answer-times.ts';
import { GatewayWatch, quantileBound } from './gateway-watch.ts';

export interface OutageOptions {
  readonly seed: number;
  /** How long Kafka is away. */
  readonly seconds: number;
  /** Shares a second over all machines. */
  readonly rate: number;
  readonly machines: number;
  readonly gateways: number;
  readonly brokers: 1 | 3;
  readonly say: (text: string) => void;
}

export interface OutageReport {
  readonly seed: number;
  readonly seconds: number;
  readonly acked: number;
  /** Acknowledged while Kafka was away. */
  readonly ackedAway: number;
  /** Submits refused or rejected, whenever. */
  readonly rejected: number;
  /** From the submit to its answer while Kafka was away, as the miners saw it, milliseconds; the longest is that of the first to wait. */
  readonly answerP50Ms: number;
  readonly answerP99Ms: number;
  readonly answerLongestMs: number;
  /** From reading a share to writing its answer, as the gateways count it: no more than this, milliseconds. */
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly peakSpoolBytes: number;
  readonly peakSpoolRecords: number;
  readonly spoolBytesPerShare: number;
  readonly peakGatewayRssMiB: number;
  /** From Kafka's return to the first record that a gateway moved there. */
  readonly noticedSeconds: number;
  /** From then to empty spools, under the same load. */
  readonly drainSeconds: number;
  readonly drainedSharesPerSecond: number;
  readonly rows: number;
  readonly distinct: number;
  readonly rollupShares: number;
  readonly lost: number;
  readonly duplicated: number;
}

const WARM_UP_SHARES = 500;
const AFTERMATH_SHARES = 500;
const ANSWER_TIMEOUT_MS = 30_000;
const PATIENCE_MS = 600_000;
const MIB = 2 ** 20;

export async function runOutage(options: OutageOptions): Promise<{ report: OutageReport; failed: boolean }> {
  const { seed, seconds, rate, machines, gateways, brokers, say } = options;
  const pool = await ClusterProcesses.launch({
    brokers,
    gateways,
    validators: 1,
    aggregators: 1,
    settings: { gateway: LOAD_SETTINGS },
    onStep: say,
  });
  const { cluster } = pool;
  const ledger = new Ledger();
  const times = new AnswerTimes();
  const pools = cluster.stratumPorts.map((port) => ({ host: '127.0.0.1', port }));
  const farm = new Farm(loadFarm(machines, rate / machines), pools, seed, {
    onSubmit: times.submitted,
    onAnswer: (answer) => {
      ledger.record(answer);
      times.answered(answer);
    },
  });
  const watch = new GatewayWatch(cluster.servicesOf('stratum-gateway'));
  let failed = true;
  try {
    await ackedBeyond(ledger, WARM_UP_SHARES);
    say(`killing every broker at ${ledger.acked} acknowledged shares, for ${seconds} s`);
    times.take();
    const [ackedBefore, latenciesBefore] = [ledger.acked, await watch.latencies()];
    await Promise.all(cluster.kafka.brokers.map((broker) => broker.kill()));
    const until = performance.now() + seconds * 1000;
    await pause((until - performance.now()) / 2);
    const away = times.take();
    const latenciesAway = await watch.latencies();

    const [victim] = cluster.servicesOf('stratum-gateway');
    say(`killing ${victim!.name} at ${ledger.acked} acknowledged shares`);
    await victim!.process.kill();
    await victim!.process.start();
    await pause(Math.max(0, until - performance.now()));
    const ackedAway = ledger.acked - ackedBefore;
    const { records, bytes } = await watch.look();
    say(
      `${ackedAway} shares acknowledged meanwhile; ${records} records of ${(bytes / MIB).toFixed(1)} MiB in the spools`,
    );

    await Promise.all(cluster.kafka.brokers.map((broker) => broker.start()));
    const back = performance.now();
    await waitFor('a gateway to notice', PATIENCE_MS, async () => {
      const { away, records: left } = await watch.look();
      return away < gateways || left < records;
    });
    const noticed = performance.now();
    await waitFor('the spools to be drained', PATIENCE_MS, async () => (await watch.look()).records === 0);
    const drained = performance.now();
    const ackedDrained = ledger.acked - ackedBefore;
    say(`the spools were empty ${((drained - back) / 1000).toFixed(1)} s after Kafka was back`);

    await ackedBeyond(ledger, AFTERMATH_SHARES);
    farm.halt();
    await waitFor('the last answers', ANSWER_TIMEOUT_MS, () => farm.unanswered === 0).catch(() => undefined);
    await waitFor('ClickHouse to have as many rows', PATIENCE_MS, async () => {
      const [row] = await pool.sql<{ n: string }>("SELECT count() AS n FROM assay.shares WHERE verdict = 'accepted'");
      return Number(row!.n) >= ledger.acked;
    });
    const { acked, rows, distinct, rollupShares, lost, duplicated, rejected, rollupsEqual } =
      await ledger.reconcile(pool);
    say(`rejected: ${JSON.stringify(rejected)}; rollups equal raw shares: ${rollupsEqual}`);
    const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0);
    failed = lost > 0 || duplicated > 0 || rows !== rollupShares || !rollupsEqual || ackedAway < seconds * rate * 0.5;
    const report = {
      seed,
      seconds,
      acked,
      ackedAway,
      rejected: refused,
      answerP50Ms: round(quantile(away, 0.5)),
      answerP99Ms: round(quantile(away, 0.99)),
      answerLongestMs: round(quantile(away, 1)),
      ackP50Ms: (quantileBound(latenciesBefore, latenciesAway, 0.5) ?? NaN) * 1000,
      ackP99Ms: (quantileBound(latenciesBefore, latenciesAway, 0.99) ?? NaN) * 1000,
      peakSpoolBytes: watch.peakBytes,
      peakSpoolRecords: watch.peakRecords,
      spoolBytesPerShare: round(bytes / ackedAway),
      peakGatewayRssMiB: Math.round(watch.peakRssBytes / MIB),
      noticedSeconds: round((noticed - back) / 1000),
      drainSeconds: round((drained - noticed) / 1000),
      drainedSharesPerSecond: Math.round(ackedDrained / ((drained - noticed) / 1000)),
      rows,
      distinct,
      rollupShares,
      lost,
      duplicated,
    };
    return { report, failed };
  } finally {
    watch.stop();
    farm.stop();
    if (failed)
      for (const { name, process } of cluster.services) say(`${name} said last:\n${process.output.slice(-2000)}`);
    await pool.dispose();
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

// The gateway's tallies as Prometheus metrics, read only when Prometheus asks.
import type { SpoolStats } from '@assay/event-log';
import { MICROS_PER_SECOND, type Clock } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Ceilings } from './defence/ceilings.ts';
import { CLOSE_REASONS, type GatewayTallies, type Histogram } from './gateway-tallies.ts';
import { registerHistogram } from './histogram-metric.ts';

export interface GatewayGauges {
  readonly connections: () => number;
  readonly workers: () => number;
  readonly pendingEvents: () => number;
  readonly pendingUpstreamRecords: () => number;
  readonly pendingLatencies: () => number;
  readonly bannedAddresses: () => number;
  readonly ceilings: Ceilings;
}

/** What a gateway with a spool shows besides. */
export interface SpoolGauges {
  readonly logAway: () => boolean;
  readonly stats: () => SpoolStats;
}

const PREFIX = 'assay_stratum_gateway_';

export function registerGatewayMetrics(registry: Registry, tallies: GatewayTallies, gauges: GatewayGauges): void {
  const registers = [registry];
  const { counter, gauge } = into(registry);
  new Counter({
    name: `${PREFIX}shares_total`,
    help: 'Answered shares by verdict and reason.',
    labelNames: ['verdict', 'reason'],
    registers,
    collect() {
      this.reset();
      REJECT_REASONS.forEach((reason, code) =>
        this.inc({ verdict: reason === '' ? 'accepted' : 'rejected', reason }, tallies.shares[code]!),
      );
    },
  });
  new Counter({
    name: `${PREFIX}closes_total`,
    help: 'Connections closed or refused, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of CLOSE_REASONS) this.inc({ reason }, tallies.closes[reason]);
    },
  });
  gauge('connections', 'Open connections.', gauges.connections);
  gauge('workers', 'Workers authorized.', gauges.workers);
  gauge('pending_shares', 'Shares that wait for the log.', () => tallies.pendingShares);
  gauge('pending_replies', 'Replies that wait behind shares.', () => tallies.pendingReplies);
  gauge('pending_events', 'Worker events that wait for the log.', gauges.pendingEvents);
  gauge(
    'pending_upstream_records',
    'Records of jobs taken over and shares passed on that wait for the log.',
    gauges.pendingUpstreamRecords,
  );
  counter('accepted_connections_total', 'Connections accepted.', () => tallies.accepted);
  counter('received_bytes_total', 'Bytes read from miners.', () => tallies.receivedBytes);
  counter('sent_bytes_total', 'Bytes written to miners.', () => tallies.sentBytes);
  counter('logged_bytes_total', 'Bytes of share blocks appended to the log.', () => tallies.loggedBytes);
  counter('hashed_shares_total', 'Shares hashed.', () => tallies.hashedShares);
  counter(
    'hash_seconds_total',
    'Time spent hashing in WebAssembly: it holds the event loop.',
    () => tallies.hashingUs / 1e6,
  );
  counter('failed_appends_total', 'Appends of share blocks that failed.', () => tallies.failedAppends);
  counter('unavailable_total', 'Submits answered with: share log unavailable.', () => tallies.unavailable);
  counter('malformed_lines_total', 'Lines that were no stratum.', () => tallies.malformedLines);
  counter('unknown_methods_total', 'Requests of methods we do not know.', () => tallies.unknownMethods);
  counter('refused_requests_total', 'Requests refused because they came too fast.', () => tallies.refusedRequests);
  counter('wrong_secrets_total', 'Authorizations refused because the secret was wrong.', () => tallies.wrongSecrets);
  counter('bans_total', 'Addresses banned, each time one was.', () => tallies.bans);
  gauge('banned_addresses', 'Addresses whose connections are refused for what came from them.', gauges.bannedAddresses);
  const { ceilings } = gauges;
  gauge('max_connections', 'Connections that may be open, file descriptors considered.', () => ceilings.maxConnections);
  gauge(
    'buffered_bytes',
    'Bytes held for connections: unfinished lines, answers not read.',
    () => ceilings.bufferedBytes,
  );
  gauge('memory_bytes', 'Memory of the process without mapped files.', () => ceilings.memoryBytes);
  gauge('max_memory_bytes', 'Memory above which no connection is taken.', () => ceilings.maxMemoryBytes);
  counter(
    'accept_errors_total',
    'Connections that could not be accepted, such as for want of file descriptors.',
    () => tallies.acceptErrors,
  );
  counter('jobs_total', 'Jobs given out.', () => tallies.jobs);
  counter(
    'dropped_events_total',
    'Worker events dropped because too many waited, or because the log was away at the stop.',
    () => tallies.droppedEvents,
  );
  counter(
    'dropped_upstream_records_total',
    'Records of jobs taken over and shares passed on dropped for the same reasons: what an upstream credited for them is not known.',
    () => tallies.droppedUpstreamRecords,
  );
  gauge(
    'pending_latencies',
    "Records of workers' latencies that wait for the log, 200 workers each.",
    gauges.pendingLatencies,
  );
  counter(
    'dropped_latencies_total',
    'Minutes of a worker whose latency was dropped because too many waited, or because the log was away at the stop. Counted as full records, so it may be too many.',
    () => tallies.droppedLatencies,
  );
  counter(
    'latency_questions_total',
    'Times a machine was asked for its version, to time the answer.',
    () => tallies.questions,
  );
  counter(
    'latency_unanswered_total',
    'Of these, how many were not answered until it was time for the next.',
    () => tallies.unansweredQuestions,
  );
  counter(
    'latency_hang_ups_total',
    'Connections lost within 10 s of being asked that had never answered: firmware that cannot bear the question.',
    () => tallies.hangUpsOnQuestions,
  );
  counter('unknown_controls_total', 'Control records that were not understood.', () => tallies.unknownControls);
  histogram(registry, 'acknowledgement_seconds', 'From reading a share to writing its answer.', tallies.latency);
  histogram(
    registry,
    'miner_latency_seconds',
    'From asking a machine for its version to its answer.',
    tallies.minerLatency,
  );
  histogram(registry, 'append_seconds', 'Until a share block was durable, in the log or in the spool.', tallies.append);
  histogram(registry, 'batch_shares', 'Shares per block appended.', tallies.batchShares);
}

export function registerSpoolMetrics(
  registry: Registry,
  tallies: GatewayTallies,
  { logAway, stats }: SpoolGauges,
  clock: Clock,
): void {
  const { counter, gauge } = into(registry);
  gauge('log_away', '1 while the log takes nothing, so that shares are spooled.', () => (logAway() ? 1 : 0));
  gauge('spool_records', 'Records in the spool.', () => stats().records);
  gauge('spool_bytes', 'Bytes in the spool.', () => stats().bytes);
  gauge('spool_max_bytes', 'Bytes at which the spool refuses shares.', () => stats().maxBytes);
  gauge('spool_oldest_seconds', 'Age of the oldest record in the spool, 0 when it is empty.', () => {
    const { oldestUs } = stats();
    return oldestUs === undefined ? 0 : Math.max(0, (clock.nowUs() - oldestUs) / MICROS_PER_SECOND);
  });
  counter('spooled_total', 'Records put into the spool.', () => tallies.spooledRecords);
  counter('drained_total', 'Records moved from the spool to the log.', () => tallies.drainedRecords);
}

/** Counters and gauges that are read where the value lives. */
function into(
  registry: Registry,
): Record<'counter' | 'gauge', (name: string, help: string, value: () => number) => void> {
  const registers = [registry];
  return {
    counter: (name, help, value) =>
      void new Counter({
        name: PREFIX + name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      }),
    gauge: (name, help, value) =>
      void new Gauge({
        name: PREFIX + name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      }),
  };
}

function histogram(registry: Registry, shortName: string, help: string, source: Histogram): void {
  registerHistogram(registry, PREFIX + shortName, help, [], () => [{ labels: {}, histogram: source }]);
}

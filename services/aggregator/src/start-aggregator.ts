// The aggregator as a running service: Nest hosts it, the batch transport hands it partitions, the pipelines do the work.
import 'reflect-metadata';
import type { AnalyticsStore } from '@assay/analytics';
import type { EventLog, PartitionSession } from '@assay/event-log';
import { TOPIC } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import type { LivePartition, LiveState } from '@assay/live-state';
import { BatchPattern, noTracer, readyReport, registerGroupLag, startBatchMicroservice } from '@assay/platform';
import type { Logger, Registry, RunningService, Tracer } from '@assay/platform';
import { Controller, Inject, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { AggregatorConfig } from './config.ts';
import { readBurstHistory } from './burst-history.ts';
import { ExactlyOnceSink } from './exactly-once-sink.ts';
import { readLiveWorkers } from './live-base.ts';
import { LiveKeeper } from './live-keeper.ts';
import { readMissing } from './live-missing.ts';
import { LostStore } from './lost-store.ts';
import { aggregatorMetrics, METRICS_PREFIX, watchTrouble } from './metrics.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { RejectBurstDetector } from './reject-bursts.ts';
import { GivenUp, pause } from './retry.ts';
import type { RetryPorts } from './retry.ts';
import { consumeShares } from './shares-pipeline.ts';
import { Trouble } from './trouble.ts';
import { consumeUpstream } from './upstream-records.ts';
import { consumeEvents } from './worker-events.ts';
import { consumeLatencies } from './worker-latencies.ts';

export interface AggregatorPorts {
  readonly log: EventLog;
  readonly store: AnalyticsStore;
  readonly live: LiveState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** How long the aggregator may take to finish when it is stopped, milliseconds. */
  readonly drainMs?: number;
  /** None when left out. */
  readonly tracer?: Tracer;
}

/** Consumer group of the aggregators of one pool. */
export const AGGREGATOR_GROUP = 'aggregator';

/** What the live state is made of. */
const LIVE_TOPICS = [TOPIC.sharesVerified, TOPIC.workerEvents];
const OTHER_TOPICS = [TOPIC.upstreamShares, TOPIC.workerLatencies];

const PIPELINE = Symbol('assay.aggregator.pipeline');
const CHECK_EVERY_MS = 1_000;

@Controller()
class PartitionsController {
  readonly #ports: PipelinePorts;
  constructor(@Inject(PIPELINE) ports: PipelinePorts) {
    this.#ports = ports;
  }

  @BatchPattern(TOPIC.sharesVerified)
  shares(session: PartitionSession): Promise<void> {
    return untilGivenUp(consumeShares(session, this.#ports));
  }

  @BatchPattern(TOPIC.workerEvents)
  events(session: PartitionSession): Promise<void> {
    return untilGivenUp(consumeEvents(session, this.#ports));
  }

  @BatchPattern(TOPIC.upstreamShares)
  upstream(session: PartitionSession): Promise<void> {
    return untilGivenUp(consumeUpstream(session, this.#ports));
  }

  @BatchPattern(TOPIC.workerLatencies)
  latencies(session: PartitionSession): Promise<void> {
    return untilGivenUp(consumeLatencies(session, this.#ports));
  }
}

@Module({})
class AggregatorModule {
  static with(pipeline: PipelinePorts): DynamicModule {
    return {
      module: AggregatorModule,
      controllers: [PartitionsController],
      providers: [{ provide: PIPELINE, useValue: pipeline }],
    };
  }
}

/** A session that ends while its batch still fails ends as it should: the batch is recorded, and written again. */
async function untilGivenUp(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
}

async function livePartitions(log: EventLog): Promise<LivePartition[]> {
  const counts = await Promise.all(LIVE_TOPICS.map((topic) => log.partitions(topic)));
  return LIVE_TOPICS.flatMap((topic, i) =>
    Array.from({ length: counts[i]! }, (_, partition) => ({ topic, partition })),
  );
}

/** Starts consuming. The tables and topics must be there (migrations, ensureTopics). Resolves once the group is joined. */
export async function startAggregator(config: AggregatorConfig, ports: AggregatorPorts): Promise<RunningService> {
  const { log, store, live, clock, logger, registry, drainMs } = ports;
  const metrics = aggregatorMetrics(registry, clock);
  registerGroupLag(registry, METRICS_PREFIX, log, AGGREGATOR_GROUP, [...LIVE_TOPICS, ...OTHER_TOPICS]);
  const trouble = new Trouble(clock);
  watchTrouble(registry, trouble);
  const retry: RetryPorts = {
    pause,
    random: Math.random,
    trouble,
    onRetry: (error, what, hopeless) => {
      metrics.retries.inc({ what });
      const said = hopeless
        ? `${what} fails in a way that trying again does not help; it is tried again all the same`
        : `${what} failed and is tried again`;
      logger[hopeless ? 'error' : 'warn']({ err: error }, said);
    },
  };
  const partitions = await livePartitions(log);
  const keeper = new LiveKeeper(partitions, {
    live,
    clock,
    logger,
    metrics,
    pause,
    readWorkers: (cutUs) => readLiveWorkers(store, cutUs),
    readMissing: (of, gap, endOffset) => readMissing(store, of, gap, endOffset, clock.nowUs()),
  });

  const startedUs = clock.nowUs();
  const lostStore = new LostStore(store);
  const pipeline: PipelinePorts = {
    log,
    sink: new ExactlyOnceSink(store, clock, retry, metrics),
    keeper,
    clock,
    pause,
    retry,
    metrics,
    logger,
    tracer: ports.tracer ?? noTracer,
    limits: { maxShares: config.batchShares, maxBytes: config.batchBytes },
    lingerMs: config.batchLingerMs,
    detector: new RejectBurstDetector(),
    burstHistory: (at) => readBurstHistory(store, clock, at),
    storeHoldsNothingOf: (at) => lostStore.holdsNothingOf(at),
    newLineage: () => startedUs.toString(36),
  };
  const served = await startBatchMicroservice(AggregatorModule.with(pipeline), {
    log,
    group: AGGREGATOR_GROUP,
    logger,
    registry,
    onError: () => metrics.failures.inc(),
    ...(drainMs !== undefined && { drainMs }),
  });
  const checking = setInterval(() => void keeper.check(), CHECK_EVERY_MS);
  checking.unref();

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(checking);
    await served.close();
    await keeper.stop();
  };
  return {
    ready: async () => {
      const [reachable, current] = await Promise.all([
        store.ping().catch(() => false),
        live.standing(clock.nowUs()).then(
          (standing) => standing.live,
          () => false,
        ),
      ]);
      return readyReport({
        clickhouse: reachable ? 'ok' : 'ClickHouse does not answer',
        partitions: served.state(),
        batches: trouble.state(),
        live: current ? 'ok' : 'the live state is being rebuilt or is behind',
      });
    },
    stop: () => (stopped ??= stop()),
  };
}

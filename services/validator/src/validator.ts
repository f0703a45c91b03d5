// The validator as a Nest microservice: one controller method per topic, each partition served by the pipeline.
import type { Clock } from '@assay/kernel';
import { TOPIC, type EventLog, type PartitionSession } from '@assay/event-log';
import {
  BatchPattern,
  noTracer,
  readyReport,
  registerGroupLag,
  startBatchMicroservice,
  type Logger,
  type Registry,
  type RunningService,
  type Tracer,
} from '@assay/platform';
import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { ValidatorConfig } from './config.ts';
import { IntegrityEvents } from './integrity-events.ts';
import { IntegrityReports } from './integrity-reports.ts';
import { Judge } from './judge.ts';
import { validatePartition, type ValidatorParts } from './validate-partition.ts';
import { METRICS_PREFIX, ValidatorMetrics } from './validator-metrics.ts';

/** Consumer group of the validator on shares.submitted. */
export const VALIDATOR_GROUP = 'validator';

const PARTS = Symbol('assay.validator.parts');

export interface ValidatorPorts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
  /** How long the validator may take to finish when it is stopped, milliseconds. */
  readonly drainMs?: number;
  /** None when left out. */
  readonly tracer?: Tracer;
}

@Controller()
class ShareBlockController {
  readonly #parts: ValidatorParts;

  constructor(@Inject(PARTS) parts: ValidatorParts) {
    this.#parts = parts;
  }

  @BatchPattern(TOPIC.sharesSubmitted)
  serve(@Payload() session: PartitionSession): Promise<void> {
    return validatePartition(session, this.#parts);
  }
}

@Module({})
class ValidatorModule {
  static with(parts: ValidatorParts): DynamicModule {
    return {
      module: ValidatorModule,
      controllers: [ShareBlockController],
      providers: [{ provide: PARTS, useValue: parts }],
    };
  }
}

/** Joins the group and proves shares until stopped. The log's topics must exist; the log stays the caller's to close. */
export async function startValidator(
  config: ValidatorConfig,
  { log, logger, registry, clock, drainMs, tracer = noTracer }: ValidatorPorts,
): Promise<RunningService> {
  const metrics = new ValidatorMetrics(registry, clock);
  registerGroupLag(registry, METRICS_PREFIX, log, VALIDATOR_GROUP, [TOPIC.sharesSubmitted]);
  const judge = new Judge(config.maxNtimeAheadSeconds, (...hashed) => metrics.hashed(...hashed));
  const reports = new IntegrityReports(log, clock, logger);
  const events = new IntegrityEvents(logger, metrics, clock, reports);
  const served = await startBatchMicroservice(
    ValidatorModule.with({ config, log, judge, events, metrics, logger, clock, tracer }),
    {
      log,
      group: VALIDATOR_GROUP,
      logger,
      registry,
      onError: () => metrics.failures.inc(),
      ...(drainMs !== undefined && { drainMs }),
    },
  );
  let stopping: Promise<void> | undefined;
  return {
    async ready() {
      const state = served.state();
      return readyReport({
        group: stopping === undefined ? 'ok' : 'the validator is stopping',
        shares: state === 'ok' ? 'ok' : `shares are not being proved: ${state}`,
      });
    },
    stop() {
      return (stopping ??= served.close().then(() => reports.stop()));
    },
  };
}

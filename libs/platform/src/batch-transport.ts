// Nest transport for the share topics. Nest's own Kafka transport hands over one message at a time; this one hands a handler
// the partition itself, and the handler loops over batches. So nothing of Nest runs per share or even per batch.
//
// Back-pressure is by pulling: a handler that waits for its sink does not read, so what it has in memory is what its own read
// limits allow, however large the backlog. Restarts with their pauses are the log's (run-handler.ts of event-log).
import type { EventLog, GroupMember, PartitionSession } from '@assay/event-log';
import { Catch, type INestMicroservice, type RpcExceptionFilter, type Type, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Server, type CustomTransportStrategy, type MicroserviceOptions } from '@nestjs/microservices';
import { Gauge, type Registry } from 'prom-client';
import { isObservable, lastValueFrom, throwError, type Observable } from 'rxjs';
import type { Logger } from './logger.ts';
import { PartitionHealth } from './partition-health.ts';

export const BATCH_TRANSPORT = Symbol('assay.batch-transport');

/** Below the 30 s that Kubernetes gives a pod to end, and the patience of most supervisors. */
export const DEFAULT_DRAIN_MS = 25_000;

/** A group that cannot be balanced says so every few seconds: one that said so within this long ago cannot still. */
const GROUP_FAILING_MS = 10_000;

/** Marks the controller method that serves the partitions of a topic: `(session: PartitionSession) => Promise<void>`. */
export function BatchPattern(topic: string): MethodDecorator {
  return EventPattern(topic, BATCH_TRANSPORT) as MethodDecorator;
}

export interface BatchTransportOptions {
  readonly log: EventLog;
  /** Consumer group of the service. */
  readonly group: string;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Told of every failure, to be counted; the partition is served again after a pause. */
  readonly onError?: (error: unknown) => void;
  /** How long handlers may take to finish when the transport closes, milliseconds; those that take longer are cut. */
  readonly drainMs?: number;
}

export class BatchTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = BATCH_TRANSPORT;
  readonly #options: BatchTransportOptions;
  readonly #health: PartitionHealth;
  #groupFailure: { readonly message: string; readonly atMs: number } | undefined;
  #member: GroupMember | undefined;

  constructor(options: BatchTransportOptions) {
    super();
    this.#options = options;
    const failing = new Gauge({
      name: `assay_${options.group}_failing_partitions`,
      help: 'Partitions held by this process whose handler failed and has not got on since.',
      registers: [options.registry],
    });
    this.#health = new PartitionHealth(() => failing.set(this.#health.failing));
  }

  /** 'ok', or a sentence about what cannot be served. */
  state(): string {
    const recent = this.#groupFailure !== undefined && performance.now() - this.#groupFailure.atMs < GROUP_FAILING_MS;
    return recent ? `the group cannot be balanced: ${this.#groupFailure!.message}` : this.#health.state();
  }

  override listen(callback: (error?: unknown) => void): void {
    const { log, group } = this.#options;
    log
      .join(
        group,
        [...this.messageHandlers.keys()],
        (session) => this.#serve(session),
        (error) => this.#failed(error),
      )
      .then(
        (member) => {
          this.#member = member;
          callback();
        },
        (error: unknown) => callback(error),
      );
  }

  async #serve(session: PartitionSession): Promise<void> {
    const handler = this.messageHandlers.get(session.topic);
    if (!handler) throw new Error(`no handler for topic ${session.topic}`);
    try {
      await this.#health.watch(session, async (watched) => {
        const outcome: unknown = await handler(watched);
        if (isObservable(outcome)) await lastValueFrom(outcome, { defaultValue: undefined });
      });
    } catch (error) {
      throw new HandlerFailure(session, error);
    }
  }

  #failed(error: unknown): void {
    const { group, logger, onError } = this.#options;
    if (error instanceof HandlerFailure) {
      const { topic, partition, cause } = error;
      onError?.(cause);
      logger.error({ err: cause, group, topic, partition }, 'a partition handler failed; it is started again');
      return;
    }
    onError?.(error);
    this.#groupFailure = { message: error instanceof Error ? error.message : String(error), atMs: performance.now() };
    logger.error({ err: error, group }, 'the group could not be balanced; it is tried again');
  }

  /** Leaves the group: handlers are told by their session's signal and waited for, but not beyond the drain time. */
  override async close(): Promise<void> {
    const { group, logger, drainMs = DEFAULT_DRAIN_MS } = this.#options;
    const member = this.#member;
    this.#member = undefined;
    await member?.close(drainMs);
    const cut = this.#health.running();
    if (cut.length > 0)
      logger.error(
        { group, drainMs, cut },
        'handlers did not finish in time and are cut: what they had not committed is done again by who holds the partitions next',
      );
  }

  override on(): never {
    throw new Error('the batch transport has no events');
  }

  override unwrap<T>(): T {
    return this.#member as T;
  }
}

/** Tells the failure of a handler, which the log hands back, from one of the group. */
class HandlerFailure extends Error {
  override readonly name = 'HandlerFailure';
  readonly topic: string;
  readonly partition: number;
  constructor({ topic, partition }: PartitionSession, cause: unknown) {
    super(`the handler of ${topic}/${partition} failed`, { cause });
    this.topic = topic;
    this.partition = partition;
  }
}

/** Nest would turn a handler's error into a message for a remote caller; here the transport itself is the caller and wants the error. */
@Catch()
class PassErrorsOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

export interface BatchMicroservice {
  /** 'ok', or a sentence about the partitions that get nowhere: for readiness. */
  state(): string;
  /** Drains within the drain time and leaves the group. */
  close(): Promise<void>;
}

/** Hosts a module whose controllers serve share topics. Resolves once the group is joined. */
export async function startBatchMicroservice(
  module: Type | DynamicModule,
  options: BatchTransportOptions,
): Promise<BatchMicroservice> {
  const strategy = new BatchTransport(options);
  const app: INestMicroservice = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    strategy,
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new PassErrorsOn());
  await app.listen();
  return { state: () => strategy.state(), close: () => app.close() };
}

// Nest transport for the share topics. Nest's own Kafka transport hands over one message at a time; this one hands a handler
// the partition itself, and the handler loops over batches. So nothing of Nest runs per share or even per batch.
import type { EventLog, GroupMember, PartitionSession } from '@assay/event-log';
import { Catch, type INestMicroservice, type RpcExceptionFilter, type Type, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Server, type CustomTransportStrategy, type MicroserviceOptions } from '@nestjs/microservices';
import { isObservable, lastValueFrom, throwError, type Observable } from 'rxjs';
import type { Logger } from './logger.ts';

export const BATCH_TRANSPORT = Symbol('assay.batch-transport');

/** Marks the controller method that serves the partitions of a topic: `(session: PartitionSession) => Promise<void>`. */
export function BatchPattern(topic: string): MethodDecorator {
  return EventPattern(topic, BATCH_TRANSPORT) as MethodDecorator;
}

export interface BatchTransportOptions {
  readonly log: EventLog;
  /** Consumer group of the service. */
  readonly group: string;
  readonly logger: Logger;
  /** Told of every handler failure, to be counted; the partition is served again after a pause. */
  readonly onError?: (error: unknown) => void;
}

export class BatchTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = BATCH_TRANSPORT;
  readonly #options: BatchTransportOptions;
  #member: GroupMember | undefined;

  constructor(options: BatchTransportOptions) {
    super();
    this.#options = options;
  }

  override listen(callback: (error?: unknown) => void): void {
    const { log, group, logger, onError } = this.#options;
    const failed = (error: unknown): void => {
      logger.error({ err: error, group }, 'a partition handler failed; it will be started again');
      onError?.(error);
    };
    log
      .join(group, [...this.messageHandlers.keys()], (session) => this.#serve(session), failed)
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
    const outcome: unknown = await handler(session);
    if (isObservable(outcome)) await lastValueFrom(outcome, { defaultValue: undefined });
  }

  /** Leaves the group: handlers are told by their session's signal and waited for. */
  override async close(): Promise<void> {
    const member = this.#member;
    this.#member = undefined;
    await member?.close();
  }

  override on(): never {
    throw new Error('the batch transport has no events');
  }

  override unwrap<T>(): T {
    return this.#member as T;
  }
}

/** Nest would turn a handler's error into a message for a remote caller; here the transport itself is the caller and wants the error. */
@Catch()
class PassErrorsOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Hosts a module whose controllers serve share topics. Resolves once the group is joined; `close()` drains and leaves it. */
export async function startBatchMicroservice(
  module: Type | DynamicModule,
  options: BatchTransportOptions,
): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    strategy: new BatchTransport(options),
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new PassErrorsOn());
  await app.listen();
  return app;
}

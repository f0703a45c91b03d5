import 'reflect-metadata';
import type { EventLog, GroupMember, PartitionSession, StoredRecord } from '@assay/event-log';
import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { BatchPattern, startBatchMicroservice } from './batch-transport.ts';
import { silentLogger } from './logger.ts';

type Handle = (session: PartitionSession) => Promise<void>;

/** The least log that can be joined: it runs handlers when told, on one partition with one record, and keeps what it was told. */
function joinable() {
  const abort = new AbortController();
  const state = { group: '', topics: [] as readonly string[], drainMs: undefined as number | undefined, committed: -1 };
  const record: StoredRecord = { offset: 0, timestampUs: 0, value: new Uint8Array(1) };
  const session: PartitionSession = {
    topic: 'shares.submitted',
    partition: 0,
    signal: abort.signal,
    committed: async () => undefined,
    bounds: async () => ({ start: 0, end: 1 }),
    read: async (offset) => (offset === 0 ? [record] : []),
    commit: async ({ offset }) => void (state.committed = offset),
  };
  let run: () => Promise<void> = () => Promise.reject(new Error('not joined'));
  let fail: (error: unknown) => void = () => undefined;
  const join: EventLog['join'] = async (group, topics, handle, onError): Promise<GroupMember> => {
    Object.assign(state, { group, topics });
    fail = onError;
    run = () => handle(session).catch(onError);
    return {
      close: async (drainMs) => {
        state.drainMs = drainMs;
        abort.abort();
      },
    };
  };
  return { state, run: () => run(), fail: (error: unknown) => fail(error), log: { join } as unknown as EventLog };
}

const HANDLE = Symbol('handle');

@Controller()
class Serves {
  readonly #handle: Handle;
  constructor(@Inject(HANDLE) handle: Handle) {
    this.#handle = handle;
  }
  @BatchPattern('shares.submitted')
  serve(session: PartitionSession): Promise<void> {
    return this.#handle(session);
  }
}

@Module({})
class ServesModule {
  static with(handle: Handle): DynamicModule {
    return { module: ServesModule, controllers: [Serves], providers: [{ provide: HANDLE, useValue: handle }] };
  }
}

const READ = { maxRecords: 1, maxBytes: 1, waitMs: 0 };
const untilAborted = (session: PartitionSession): Promise<void> =>
  new Promise((resolve) => session.signal.addEventListener('abort', () => resolve()));

describe('batch transport', () => {
  const counted: unknown[] = [];
  const start = (log: EventLog, handle: Handle, registry = new Registry(), logger = silentLogger) =>
    startBatchMicroservice(ServesModule.with(handle), {
      log,
      group: 'validator',
      logger,
      registry,
      onError: (error) => counted.push(error),
      drainMs: 1_000,
    });

  it('hands the partition to the handler of its topic, and tells it and the log to end on close', async () => {
    const { state, run, log } = joinable();
    let seen = (_session: PartitionSession): void => undefined;
    const session = new Promise<PartitionSession>((resolve) => (seen = resolve));
    const service = await start(log, async (given) => {
      seen(given);
      await untilAborted(given);
    });
    expect(state).toMatchObject({ group: 'validator', topics: ['shares.submitted'] });
    const running = run();
    expect(await session).toMatchObject({ topic: 'shares.submitted', partition: 0 });
    expect(service.state()).toBe('ok');
    await service.close();
    await running;
    expect(state.drainMs).toBe(1_000);
  });

  it('shows a handler that fails, in readiness and metrics, until it gets on', async () => {
    const { state, run, log } = joinable();
    const registry = new Registry();
    let poison = true;
    const service = await start(
      log,
      async (session) => {
        const [record] = await session.read(0, READ);
        if (poison) throw new TypeError('the handler broke');
        await session.commit({ offset: record!.offset + 1, metadata: '' });
      },
      registry,
    );
    await run();
    await run();
    expect(service.state()).toBe('one partition gets nowhere: shares.submitted/0 (2x): the handler broke');
    expect(counted.map(String)).toEqual(['TypeError: the handler broke', 'TypeError: the handler broke']);
    expect(await registry.metrics()).toContain('assay_validator_failing_partitions 1');
    poison = false;
    await run();
    expect(state.committed).toBe(1);
    expect(service.state()).toBe('ok');
    expect(await registry.metrics()).toContain('assay_validator_failing_partitions 0');
    poison = true;
    await run();
    await service.close();
    expect(await registry.metrics()).toContain('assay_validator_failing_partitions 0');
  });

  it('shows a group that cannot be balanced', async () => {
    const { fail, log } = joinable();
    const service = await start(log, untilAborted);
    fail(new Error('no coordinator'));
    expect(service.state()).toBe('the group cannot be balanced: no coordinator');
    await service.close();
  });

  it('says which handlers were cut when the drain time is over', async () => {
    const { run, log } = joinable();
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    let release = (): void => undefined;
    const service = await start(
      log,
      () => new Promise<void>((resolve) => (release = resolve)),
      new Registry(),
      logger as typeof silentLogger,
    );
    const running = run();
    await service.close();
    expect(lines.map((line) => JSON.parse(line) as { cut?: unknown }).map(({ cut }) => cut)).toEqual([
      ['shares.submitted/0'],
    ]);
    release();
    await running;
  });
});

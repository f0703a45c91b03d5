import 'reflect-metadata';
import type { EventLog, GroupMember, PartitionSession } from '@assay/event-log';
import { Controller, Module } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { BatchPattern, startBatchMicroservice } from './batch-transport.ts';
import { silentLogger } from './logger.ts';

/** The least log that can be joined: it runs the handler once and keeps what it was told. */
function joinable() {
  const abort = new AbortController();
  const state = { group: '', topics: [] as readonly string[], errors: [] as unknown[], closed: false };
  let running: Promise<void> = Promise.resolve();
  const join: EventLog['join'] = async (group, topics, handle, onError): Promise<GroupMember> => {
    Object.assign(state, { group, topics });
    const session = { topic: topics[0], partition: 0, signal: abort.signal } as PartitionSession;
    running = handle(session).catch((error: unknown) => {
      state.errors.push(error);
      onError(error);
    });
    return {
      close: async () => {
        abort.abort();
        await running;
        state.closed = true;
      },
    };
  };
  return { state, settled: () => running, log: { join } as unknown as EventLog };
}

@Controller()
class Waits {
  static seen: PartitionSession[] = [];
  @BatchPattern('shares.submitted')
  async serve(session: PartitionSession): Promise<void> {
    Waits.seen.push(session);
    await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve()));
  }
}
@Module({ controllers: [Waits] })
class WaitsModule {}

const failure = new TypeError('the handler broke');
@Controller()
class Fails {
  @BatchPattern('shares.submitted')
  async serve(): Promise<void> {
    throw failure;
  }
}
@Module({ controllers: [Fails] })
class FailsModule {}

describe('batch transport', () => {
  it('hands the partition to the handler of its topic and waits for it on close', async () => {
    const { state, log } = joinable();
    const app = await startBatchMicroservice(WaitsModule, { log, group: 'validator', logger: silentLogger });
    expect(state).toMatchObject({ group: 'validator', topics: ['shares.submitted'] });
    expect(Waits.seen[0]).toMatchObject({ topic: 'shares.submitted', partition: 0 });
    await app.close();
    expect(state).toMatchObject({ closed: true, errors: [] });
  });

  it("passes a handler's own error to the log, which will start it again", async () => {
    const { state, settled, log } = joinable();
    const counted: unknown[] = [];
    const app = await startBatchMicroservice(FailsModule, {
      log,
      group: 'validator',
      logger: silentLogger,
      onError: (error) => counted.push(error),
    });
    await settled();
    expect(state.errors).toEqual([failure]);
    expect(counted).toEqual([failure]);
    await app.close();
  });
});

import { expect, it } from 'vitest';
import type { PartitionSession, StoredRecord } from './event-log.ts';
import { restartPauseMs, runHandler, type RestartPolicy } from './run-handler.ts';

const record = (offset: number): StoredRecord => ({ offset, timestampUs: 0, value: new Uint8Array(1) });
const READ = { maxRecords: 1, maxBytes: 1, waitMs: 0 };

/** A held partition of `end` records, and a policy without jitter that notes its pauses and gives the partition up after `most`. */
function held(end: number, most: number) {
  const abort = new AbortController();
  const pauses: number[] = [];
  const session: PartitionSession = {
    topic: 't',
    partition: 0,
    signal: abort.signal,
    committed: async () => undefined,
    bounds: async () => ({ start: 0, end }),
    read: async (offset) => (offset < end ? [record(offset)] : []),
    commit: async () => undefined,
  };
  const policy: RestartPolicy = {
    firstMs: 100,
    longestMs: 1_000,
    random: () => 1,
    pause: async (pauseMs) => {
      pauses.push(pauseMs);
      if (pauses.length === most) abort.abort();
    },
  };
  return { abort, pauses, session, policy };
}

it('starts a handler that threw or returned again after each pause, and ends when the signal aborts', async () => {
  const { abort, pauses, session, policy } = held(0, Infinity);
  const events: string[] = [];
  let runs = 0;
  const handle = async (): Promise<void> => {
    events.push(`run ${++runs}`);
    if (runs === 1) throw new Error('first');
    if (runs === 3) abort.abort();
  };
  await runHandler(session, handle, (error) => events.push(String(error)), policy);
  expect(events).toEqual(['run 1', 'Error: first', 'run 2', 'run 3']);
  expect(pauses).toEqual([100, 200]);
});

it('pauses longer and longer, up to the bound, before a handler that fails on the same record', async () => {
  const { pauses, session, policy } = held(5, 7);
  const errors: unknown[] = [];
  const handle = async (given: PartitionSession): Promise<void> => {
    // As an aggregator does: the bounds of the batch are committed each time, at the same offset.
    const [first] = await given.read(3, READ);
    await given.commit({ offset: first!.offset, metadata: 'begin' });
    expect(await given.read(5, READ)).toEqual([]);
    throw new Error('poison');
  };
  await runHandler(session, handle, (error) => errors.push(error), policy);
  // The first commit is progress, as nobody knows what was committed before; none after it is.
  expect(pauses).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  expect(errors).toHaveLength(7);
});

it('begins with short pauses again after a commit that went on, or after nothing was left to read', async () => {
  const { pauses, session, policy } = held(5, 7);
  let run = 0;
  const handle = async (given: PartitionSession): Promise<void> => {
    run++;
    if (run === 3) await given.commit({ offset: 2, metadata: '' });
    if (run === 5) expect(await given.read(5, READ)).toEqual([]);
    if (run === 7) await given.read(4, READ).then(() => given.commit({ offset: 5, metadata: '' }));
    throw new Error('again');
  };
  await runHandler(session, handle, () => undefined, policy);
  expect(pauses).toEqual([100, 200, 100, 200, 100, 200, 100]);
});

it('spreads pauses over the upper half of what is due', () => {
  const policy = { ...held(0, 1).policy, random: () => 0 };
  expect([1, 2, 3, 60].map((runs) => restartPauseMs(runs, policy))).toEqual([50, 100, 200, 500]);
  expect(restartPauseMs(2, { ...policy, random: () => 0.5 })).toBe(150);
});

// What every event log must do, run on each adapter (embedded, in memory, Kafka). It asks for nothing that Kafka cannot do: waits are for
// conditions, never for instants, and retention is only expected to happen eventually.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAgainstModel } from './model.ts';
import type { RunningChild } from './testing/child-program.ts';
import {
  LogError,
  type EventLog,
  type GroupMember,
  type LogErrorCode,
  type PartitionSession,
  type ReadLimits,
  type StoredRecord,
} from './event-log.ts';

export interface OpenedLog {
  readonly log: EventLog;
  /** Closes the log and opens it again on the same data. */
  reopen(): Promise<EventLog>;
  /** Runs runConsumerProgram (testing/consumer-program.ts) on the same data in a process of its own. */
  startConsumer?(group: string, topic: string): RunningChild;
  cleanup(): Promise<void>;
}

export interface ContractOptions {
  /** Set when the adapter drops records by size within seconds; without it retention is not tested. */
  readonly retention?: boolean;
  /** Runs of the model comparison, each on a log of its own; 30 by default. */
  readonly modelRuns?: number;
  /** Set when `startConsumer` is there: then a member is killed and frozen, as only a process can be. */
  readonly processes?: boolean;
}

const FOREVER = { retentionBytes: 2 ** 30, retentionUs: 3_600_000_000 * 24 };
const ALL: ReadLimits = { maxRecords: 10_000, maxBytes: 2 ** 26, waitMs: 0 };
const WAITING: ReadLimits = { ...ALL, waitMs: 500 };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (records: readonly StoredRecord[]): string[] =>
  records.map((record) => new TextDecoder().decode(record.value));
const offsets = (records: readonly StoredRecord[]): number[] => records.map((record) => record.offset);

/** Waits for a condition, looking again every few milliseconds; fails naming `what` after 20 s. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function expectLogError(code: LogErrorCode, outcome: Promise<unknown>): Promise<LogError> {
  const error: unknown = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LogError);
  expect((error as LogError).code).toBe(code);
  return error as LogError;
}

/** A promise and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A handler that reads from the committed position, hands each batch over, and commits after it, until revoked. */
function consumer(onBatch: (records: readonly StoredRecord[], session: PartitionSession) => Promise<void> | void) {
  return async (session: PartitionSession): Promise<void> => {
    let offset = (await session.committed())?.offset ?? 0;
    while (!session.signal.aborted) {
      const records = await session.read(offset, { maxRecords: 10, maxBytes: 2 ** 20, waitMs: 200 });
      if (records.length === 0) continue;
      await onBatch(records, session);
      offset = records.at(-1)!.offset + 1;
      await session.commit({ offset, metadata: '' });
    }
  };
}

const fail = (error: unknown): void => {
  throw error;
};

export function eventLogContract(name: string, open: () => Promise<OpenedLog>, options: ContractOptions = {}): void {
  it(
    `event log contract: ${name}: behaves like an array of values and a position per partition`,
    () => checkAgainstModel(open, options.modelRuns ?? 30),
    120_000,
  );

  describe(`event log contract: ${name}`, () => {
    let opened: OpenedLog;
    let log: EventLog;
    const members: GroupMember[] = [];

    beforeEach(async () => {
      opened = await open();
      log = opened.log;
      await log.ensureTopics([
        { name: 'one', partitions: 1, ...FOREVER },
        { name: 'four', partitions: 4, ...FOREVER },
      ]);
    });

    afterEach(async () => {
      await Promise.all(members.splice(0).map((member) => member.close()));
      await opened.cleanup();
    });

    const join = async (
      group: string,
      topic: string,
      handle: (session: PartitionSession) => Promise<void>,
      onError = fail,
    ): Promise<GroupMember> => {
      const member = await log.join(group, [topic], handle, onError);
      members.push(member);
      return member;
    };

    const appendTexts = async (topic: string, partition: number, from: number, count: number): Promise<void> => {
      for (let i = from; i < from + count; i++) await log.append(topic, [{ value: bytes(`v${i}`) }], partition);
    };

    describe('topics', () => {
      it('are created once, grow, and never shrink', async () => {
        await log.append('four', [{ value: bytes('kept') }], 3);
        await log.ensureTopics([{ name: 'four', partitions: 2, ...FOREVER }]);
        expect(await log.partitions('four')).toBe(4);
        await log.ensureTopics([{ name: 'four', partitions: 6, ...FOREVER }]);
        expect(await log.partitions('four')).toBe(6);
        await log.append('four', [{ value: bytes('new') }], 5);
        expect(texts(await log.readFrom('four', 3, 0, ALL))).toEqual(['kept']);
      });

      it('that do not exist are named in an error no retry can help', async () => {
        for (const outcome of [
          log.append('absent', [{ value: bytes('x') }]),
          log.partitions('absent'),
          log.bounds('absent', 0),
          log.readFrom('absent', 0, 0, ALL),
          log.lag('group', 'absent'),
          log.join('group', ['absent'], async () => undefined, fail),
        ]) {
          const error = await expectLogError('unknown_topic', outcome);
          expect(error.message).toContain('absent');
          expect(error.retriable).toBe(false);
        }
        await expectLogError('unknown_topic', log.append('four', [{ value: bytes('x') }], 4));
      });
    });

    describe('append', () => {
      it('gives consecutive offsets and keeps value, key, headers and time', async () => {
        const first = await log.append('one', [
          { key: 'käse', value: bytes('a'), headers: { trace: 'ü1', empty: '' } },
          { value: new Uint8Array() },
        ]);
        const second = await log.append('one', [{ value: Uint8Array.from({ length: 256 }, (_, i) => i) }]);
        expect([first, second]).toEqual([
          { partition: 0, baseOffset: 0 },
          { partition: 0, baseOffset: 2 },
        ]);
        const [a, b, c] = await log.readFrom('one', 0, 0, ALL);
        expect(a).toMatchObject({ offset: 0, key: 'käse', headers: { trace: 'ü1', empty: '' } });
        expect(texts([a!, b!])).toEqual(['a', '']);
        expect([b!.key, b!.headers]).toEqual([undefined, undefined]);
        expect(Uint8Array.from(c!.value)).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i));
        expect(a!.timestampUs).toBeGreaterThan(1_500_000_000_000_000);
        expect(c!.timestampUs).toBeGreaterThanOrEqual(a!.timestampUs);
      });

      it('takes a copy: the caller may reuse its buffer once the append resolved', async () => {
        const value = bytes('before');
        await log.append('one', [{ value }]);
        value.fill(0);
        expect(texts(await log.readFrom('one', 0, 0, ALL))).toEqual(['before']);
      });

      it('puts equal keys into one partition, and different keys into several', async () => {
        const used = new Set<number>();
        for (let i = 0; i < 32; i++) {
          const [a, b] = [
            await log.append('four', [{ key: `key-${i}`, value: bytes('1') }]),
            await log.append('four', [{ key: `key-${i}`, value: bytes('2') }]),
          ];
          expect(b.partition).toBe(a.partition);
          used.add(a.partition);
        }
        expect(used.size).toBeGreaterThan(1);
      });

      it('keeps the records of concurrent appends together and loses none', async () => {
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, i) =>
            log.append(
              'one',
              [`${i}a`, `${i}b`, `${i}c`].map((text) => ({ value: bytes(text) })),
              0,
            ),
          ),
        );
        const stored = await log.readFrom('one', 0, 0, ALL);
        expect(offsets(stored)).toEqual(Array.from({ length: 120 }, (_, i) => i));
        for (const [i, { baseOffset }] of results.entries()) {
          expect(texts(stored.slice(baseOffset, baseOffset + 3))).toEqual([`${i}a`, `${i}b`, `${i}c`]);
        }
      });

      it('is all or nothing: one record beyond the limit refuses the whole append', async () => {
        const error = await expectLogError(
          'too_large',
          log.append('one', [{ value: bytes('small') }, { value: new Uint8Array(32 * 2 ** 20) }]),
        );
        expect(error.retriable).toBe(false);
        expect(await log.append('one', [{ value: bytes('next') }])).toEqual({ partition: 0, baseOffset: 0 });
      });

      it('needs at least one record', async () => {
        await expect(log.append('one', [])).rejects.toThrow(/at least one record/);
      });
    });

    describe('read', () => {
      it('stops at maxRecords, and resumes in the middle of an append', async () => {
        await log.append(
          'one',
          ['a', 'b', 'c', 'd', 'e'].map((text) => ({ value: bytes(text) })),
        );
        await log.append('one', [{ value: bytes('f') }]);
        expect(texts(await log.readFrom('one', 0, 0, { ...ALL, maxRecords: 2 }))).toEqual(['a', 'b']);
        expect(texts(await log.readFrom('one', 0, 2, { ...ALL, maxRecords: 2 }))).toEqual(['c', 'd']);
        expect(texts(await log.readFrom('one', 0, 4, ALL))).toEqual(['e', 'f']);
        expect(await log.readFrom('one', 0, 6, ALL)).toEqual([]);
      });

      it('stops at about maxBytes, but returns at least one record', async () => {
        for (let i = 0; i < 6; i++) await log.append('one', [{ value: new Uint8Array(1000).fill(i) }]);
        expect(await log.readFrom('one', 0, 0, { ...ALL, maxBytes: 10 })).toHaveLength(1);
        const some = await log.readFrom('one', 0, 1, { ...ALL, maxBytes: 3500 });
        expect(some.length).toBeGreaterThanOrEqual(1);
        expect(some.length).toBeLessThanOrEqual(4);
        expect(some[0]!.offset).toBe(1);
      });

      it('waits for the first record, and returns nothing when none comes', async () => {
        const waiting = log.readFrom('one', 0, 0, { ...ALL, waitMs: 15_000 });
        await log.append('one', [{ value: bytes('late') }]);
        expect(texts(await waiting)).toEqual(['late']);
        expect(await log.readFrom('one', 0, 1, { ...ALL, waitMs: 30 })).toEqual([]);
      });

      it('ends early, with nothing, when the session is revoked', async () => {
        const reading = gate();
        let got: readonly StoredRecord[] | undefined;
        const member = await join('group', 'one', async (session) => {
          const read = session.read(0, { ...ALL, waitMs: 600_000 });
          reading.open();
          got = await read;
        });
        await reading.opened;
        await member.close();
        expect(got).toEqual([]);
      });
    });

    describe('group', () => {
      it('reads every partition in order, and starts without a position', async () => {
        for (let partition = 0; partition < 4; partition++) await appendTexts('four', partition, 0, 25);
        const seen = new Map<number, string[]>([0, 1, 2, 3].map((partition) => [partition, []]));
        const firstPositions: unknown[] = [];
        await join('group', 'four', async (session) => {
          firstPositions.push(await session.committed());
          await consumer((records) => void seen.get(session.partition)!.push(...texts(records)))(session);
        });
        await until('all records', () => [...seen.values()].every((values) => values.length >= 25));
        const expected = Array.from({ length: 25 }, (_, i) => `v${i}`);
        expect([...seen.values()]).toEqual([expected, expected, expected, expected]);
        expect(firstPositions).toEqual([undefined, undefined, undefined, undefined]);
      });

      it('keeps positions with their metadata, and the records, over a restart', async () => {
        await appendTexts('one', 0, 0, 5);
        const committed = gate();
        const member = await log.join(
          'group',
          ['one'],
          async (session) => {
            await session.commit({ offset: 3, metadata: '{"batch":[3,5]}' });
            committed.open();
            await session.read(1000, { ...ALL, waitMs: 600_000 });
          },
          fail,
        );
        await committed.opened;
        await member.close();
        log = await opened.reopen();
        expect(texts(await log.readFrom('one', 0, 0, ALL))).toEqual(['v0', 'v1', 'v2', 'v3', 'v4']);
        expect(await log.append('one', [{ value: bytes('v5') }])).toEqual({ partition: 0, baseOffset: 5 });
        let position: unknown;
        const values: string[] = [];
        await join('group', 'one', async (session) => {
          position ??= await session.committed();
          await consumer((records) => void values.push(...texts(records)))(session);
        });
        await until('the rest', () => values.length >= 3);
        expect(position).toEqual({ offset: 3, metadata: '{"batch":[3,5]}' });
        expect(values).toEqual(['v3', 'v4', 'v5']);
      });

      it('delivers again from the committed position after a handler threw in the middle of a batch', async () => {
        await appendTexts('one', 0, 0, 30);
        const values: string[] = [];
        const errors: unknown[] = [];
        let failures = 2;
        const handle = consumer((records) => {
          values.push(...texts(records));
          if (records.some((record) => record.offset >= 15) && failures-- > 0) throw new Error('handler failed');
        });
        await join('group', 'one', handle, (error) => errors.push(error));
        await until('the last record', () => values.includes('v29'));
        expect(new Set(values)).toEqual(new Set(Array.from({ length: 30 }, (_, i) => `v${i}`)));
        expect(values.filter((value) => value === 'v15').length).toBeGreaterThanOrEqual(3);
        expect(values.filter((value) => value === 'v0')).toHaveLength(1);
        expect(errors.map(String)).toEqual(['Error: handler failed', 'Error: handler failed']);
      });

      it('delivers again after a restart what was read but not committed', async () => {
        await appendTexts('one', 0, 0, 5);
        const read = gate();
        const member = await log.join(
          'group',
          ['one'],
          async (session) => {
            if ((await session.read(0, WAITING)).length > 0) read.open();
            await session.read(1000, { ...ALL, waitMs: 600_000 });
          },
          fail,
        );
        await read.opened;
        await member.close();
        log = await opened.reopen();
        const values: string[] = [];
        await join(
          'group',
          'one',
          consumer((records) => void values.push(...texts(records))),
        );
        await until('redelivery', () => values.length >= 5);
        expect(values).toEqual(['v0', 'v1', 'v2', 'v3', 'v4']);
      });

      it('is independent of other groups, and its lag counts what it has not consumed', async () => {
        for (let partition = 0; partition < 4; partition++) await appendTexts('four', partition, 0, 5);
        expect(await log.lag('first', 'four')).toBe(20);
        let count = 0;
        const member = await join(
          'first',
          'four',
          consumer((records) => void (count += records.length)),
        );
        await until('lag 0', async () => (await log.lag('first', 'four')) === 0);
        await member.close();
        expect(count).toBe(20);
        expect(await log.lag('second', 'four')).toBe(20);
        await appendTexts('four', 2, 5, 3);
        expect(await log.lag('first', 'four')).toBe(3);
      });

      it('tells anybody, and a session, the bounds of a partition', async () => {
        expect(await log.bounds('one', 0)).toEqual({ start: 0, end: 0 });
        await appendTexts('one', 0, 0, 7);
        expect(await log.bounds('one', 0)).toEqual({ start: 0, end: 7 });
        expect(await log.bounds('four', 3)).toEqual({ start: 0, end: 0 });
        await expectLogError('unknown_topic', log.bounds('four', 4));
        let bounds: unknown;
        await join('group', 'one', async (session) => {
          bounds ??= await session.bounds();
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('bounds', () => bounds !== undefined);
        expect(bounds).toEqual({ start: 0, end: 7 });
      });

      it('refuses metadata beyond the limit and keeps the position', async () => {
        let outcome: Promise<LogError> | undefined;
        let position: unknown = 'not asked';
        await join('group', 'one', async (session) => {
          outcome ??= expectLogError('too_large', session.commit({ offset: 1, metadata: 'x'.repeat(2 ** 20) }));
          await outcome;
          position = await session.committed();
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('the refusal', () => position !== 'not asked');
        expect(await outcome).toBeInstanceOf(LogError);
        expect(position).toBeUndefined();
      });
    });

    describe('rebalance', () => {
      /** A handler that notes which partitions a member holds. */
      const holder = (held: Set<number>) => async (session: PartitionSession) => {
        held.add(session.partition);
        await session.read(1000, { ...ALL, waitMs: 600_000 });
        held.delete(session.partition);
      };

      it('spreads partitions over members that join and leave, each held once', async () => {
        const [a, b, c] = [new Set<number>(), new Set<number>(), new Set<number>()];
        const sizes = (): number[] => [a.size, b.size, c.size];
        await join('group', 'four', holder(a));
        await until('all with the first member', () => a.size === 4);
        const second = await join('group', 'four', holder(b));
        await until('two each', () => String(sizes()) === '2,2,0');
        expect(new Set([...a, ...b]).size).toBe(4);
        await join('group', 'four', holder(c));
        await until(
          'somebody for the third',
          () => sizes().reduce((x, y) => x + y) === 4 && Math.min(...sizes()) === 1,
        );
        await second.close();
        await until('two each again', () => String(sizes()) === '2,0,2');
        expect(new Set([...a, ...c]).size).toBe(4);
      });

      it('lets a revoked handler finish and commit: nothing is lost, nothing comes twice', async () => {
        for (let partition = 0; partition < 4; partition++) await appendTexts('four', partition, 0, 50);
        const seen: string[] = [];
        const started = gate();
        const slow = consumer(async (records, session) => {
          started.open();
          for (const record of records) {
            await new Promise((resolve) => setImmediate(resolve));
            seen.push(`${session.partition}/${record.offset}`);
          }
        });
        const first = await join('group', 'four', slow);
        await started.opened;
        await join('group', 'four', slow);
        await join('group', 'four', slow);
        await first.close();
        await until('all records', async () => (await log.lag('group', 'four')) === 0);
        expect(seen).toHaveLength(200);
        expect(new Set(seen).size).toBe(200);
      });

      it('fences the commit of a member that lost its partition in the middle of a batch', async () => {
        await appendTexts('four', 0, 0, 10);
        await appendTexts('four', 1, 0, 10);
        await appendTexts('four', 2, 0, 10);
        await appendTexts('four', 3, 0, 10);
        const stuck = gate();
        const outcomes = new Map<number, Promise<unknown>>();
        const firstHolds = new Set<number>();
        const first = await join('group', 'four', async (session) => {
          // Deaf to the signal, as a handler busy with a slow database may be.
          firstHolds.add(session.partition);
          const records = await session.read(0, WAITING);
          await stuck.opened;
          const commit = session.commit({ offset: records.length, metadata: 'first' });
          outcomes.set(
            session.partition,
            commit.then(
              () => 'committed',
              (error: unknown) => error,
            ),
          );
          await commit.catch(() => undefined);
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('the first member to hold all', () => firstHolds.size === 4);
        const taken = new Map<number, number>();
        await join('group', 'four', async (session) => {
          const records = await session.read(0, WAITING);
          await session.commit({ offset: records.length, metadata: 'second' });
          taken.set(session.partition, records.length);
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('the second member to take over', () => taken.size >= 2);
        stuck.open();
        await until('the commits of the first member', () => outcomes.size === 4);
        for (const partition of taken.keys()) {
          const error = await outcomes.get(partition);
          expect(error).toBeInstanceOf(LogError);
          expect((error as LogError).code).toBe('fenced');
        }
        expect([...taken.values()]).toEqual([10, 10]);
        await first.close();
        // What the second member committed stands.
        log = await opened.reopen();
        const metadata = new Map<number, string | undefined>();
        await join('group', 'four', async (session) => {
          metadata.set(session.partition, (await session.committed())?.metadata);
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('all positions', () => metadata.size === 4);
        for (const partition of taken.keys()) expect(metadata.get(partition)).toBe('second');
      });
    });

    it('leaves the group in the time it is given, though a handler does not return: its commits are fenced', async () => {
      await appendTexts('one', 0, 0, 10);
      const stuck = gate();
      const holds = gate();
      let outcome: unknown;
      const first = await join('group', 'one', async (session) => {
        // Deaf to the signal, as a handler busy with a slow database may be.
        await session.read(0, WAITING);
        holds.open();
        await stuck.opened;
        outcome = await session.commit({ offset: 10, metadata: 'first' }).then(
          () => 'committed',
          (error: unknown) => error,
        );
      });
      await holds.opened;
      await first.close(30);
      const values: string[] = [];
      await join(
        'group',
        'one',
        consumer((records) => void values.push(...texts(records))),
      );
      await until('the second member to read', () => values.length === 10);
      stuck.open();
      await until('the commit of the first member', () => outcome !== undefined);
      expect(outcome).toBeInstanceOf(LogError);
      expect((outcome as LogError).code).toBe('fenced');
    });

    describe.runIf(options.processes === true)('a member in another process', () => {
      let child: RunningChild;
      const printed = (pattern: RegExp): number[] =>
        child.lines.flatMap((line) => (pattern.test(line) ? [Number(line.split(' ')[1])] : []));

      beforeEach(async () => {
        for (let partition = 0; partition < 4; partition++) await appendTexts('four', partition, 0, 25);
        child = opened.startConsumer!('group', 'four');
        await until('the other process to be in the middle of a batch of every partition', () => {
          if (child.process.exitCode !== null) throw new Error(`the consumer ended: ${child.stderr()}`);
          return new Set(printed(/^read/)).size === 4;
        });
      });

      afterEach(async () => {
        child.process.kill('SIGKILL');
        await child.ended;
      });

      it('that is killed loses what it read but did not commit to another, and nothing else', async () => {
        child.process.kill('SIGKILL');
        const seen = new Map<number, number[]>();
        await join(
          'group',
          'four',
          consumer((records, session) => {
            seen.set(session.partition, [...(seen.get(session.partition) ?? []), ...offsets(records)]);
          }),
        );
        await until('redelivery', () => [...seen.values()].filter((each) => each.includes(24)).length === 4);
        const rest = Array.from({ length: 15 }, (_, i) => 10 + i);
        expect([0, 1, 2, 3].map((partition) => seen.get(partition))).toEqual([rest, rest, rest, rest]);
      });

      it('that was frozen while others took over comes back fenced, and then joins again', async () => {
        child.process.kill('SIGSTOP');
        const taken = new Set<number>();
        const member = await join('group', 'four', async (session) => {
          await session.commit({ offset: 25, metadata: 'second' });
          taken.add(session.partition);
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('the takeover', () => taken.size === 4);
        child.process.kill('SIGCONT');
        child.process.stdin!.write('commit\n');
        await until('its commits', () => printed(/^(committed|refused)/).length >= 4);
        expect(printed(/^committed/)).toEqual([]);
        expect(new Set(printed(/^refused \d fenced$/))).toEqual(new Set([0, 1, 2, 3]));
        expect(await log.lag('group', 'four')).toBe(0);
        // Its sessions ended, and it gets new ones, which start where the group stands.
        await until('its handlers to end', () => new Set(printed(/^released/)).size === 4);
        await member.close();
        await until('new sessions', () => new Set(printed(/^held \d 25$/)).size === 4);
      });

      it('hands a partition over in the middle of a batch: the batch is finished and committed first', async () => {
        const firstOffsets = new Map<number, number>();
        await join('group', 'four', async (session) => {
          firstOffsets.set(session.partition, (await session.committed())?.offset ?? 0);
          await session.read(1000, { ...ALL, waitMs: 600_000 });
        });
        await until('the revocation', () => printed(/^revoked/).length === 2);
        expect(firstOffsets.size).toBe(0);
        child.process.stdin!.write('commit\n');
        await until('the hand-over', () => firstOffsets.size === 2);
        expect([...firstOffsets.values()]).toEqual([20, 20]);
        expect(printed(/^refused/)).toEqual([]);
        expect(new Set(printed(/^revoked/))).toEqual(new Set(firstOffsets.keys()));
      });
    });

    describe.runIf(options.retention === true)('retention', () => {
      it('drops the oldest records by size; reading, positions and lag go on from what is retained', async () => {
        await log.ensureTopics([
          { name: 'small', partitions: 1, retentionBytes: 100_000, retentionUs: FOREVER.retentionUs },
        ]);
        let bounds = { start: 0, end: 0 };
        let ask: (() => Promise<void>) | undefined;
        await join('group', 'small', async (session) => {
          await session.commit({ offset: 1, metadata: 'old' });
          ask = async () => void (bounds = await session.bounds());
          await session.read(1e9, { ...ALL, waitMs: 600_000 });
        });
        await until('the session', () => ask !== undefined);
        for (let i = 0; i < 60; i++) await log.append('small', [{ value: new Uint8Array(10_000).fill(i) }]);
        let stored: readonly StoredRecord[] = [];
        let lag = -1;
        await until('records to be dropped, and none while we look', async () => {
          const { start } = await log.bounds('small', 0);
          stored = await log.readFrom('small', 0, 0, ALL);
          lag = await log.lag('group', 'small');
          await ask!();
          return start > 40 && bounds.start === start;
        });
        expect(bounds.end).toBe(60);
        expect(offsets(stored)).toEqual(Array.from({ length: 60 - bounds.start }, (_, i) => bounds.start + i));
        expect(stored.every((record) => record.value.every((byte) => byte === record.offset))).toBe(true);
        expect(lag).toBe(60 - bounds.start);
        expect(await log.append('small', [{ value: bytes('next') }])).toEqual({ partition: 0, baseOffset: 60 });
      });
    });

    describe('close', () => {
      it('fails what comes after it, and drains what came before', async () => {
        const appends = Promise.all(
          Array.from({ length: 10 }, (_, i) => log.append('one', [{ value: bytes(`v${i}`) }])),
        );
        await log.close();
        expect((await appends).map((appended) => appended.baseOffset).sort((a, b) => a - b)).toEqual([
          0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        ]);
        await expectLogError('closed', log.append('one', [{ value: bytes('x') }]));
        await expectLogError('closed', log.readFrom('one', 0, 0, ALL));
        log = await opened.reopen();
        expect(await log.readFrom('one', 0, 0, ALL)).toHaveLength(10);
      });
    });
  });
}

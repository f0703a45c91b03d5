// The log against the simplest thing it could be: an array of values per partition and one position per partition. fast-check makes up
// appends (alone and many at once), reads anywhere, commits, takeovers and restarts, and shrinks what goes wrong.
import fc from 'fast-check';
import { expect } from 'vitest';
import type { OpenedLog } from './contract.ts';
import type { EventLog, PartitionSession, Position } from './event-log.ts';

const TOPIC = 'model';
const GROUP = 'model';
const PARTITIONS = 3;

type Step =
  | {
      readonly do: 'append';
      readonly appends: readonly { readonly partition: number; readonly sizes: readonly number[] }[];
    }
  | {
      readonly do: 'read';
      readonly partition: number;
      readonly at: number;
      readonly maxRecords: number;
      readonly maxBytes: number;
    }
  | { readonly do: 'commit'; readonly partition: number; readonly at: number; readonly metadata: string }
  | { readonly do: 'restart'; readonly inFlight: number };

const partition = fc.nat({ max: PARTITIONS - 1 });
const appends = fc.array(
  fc.record({ partition, sizes: fc.array(fc.nat({ max: 6000 }), { minLength: 1, maxLength: 4 }) }),
  { minLength: 1, maxLength: 5 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), appends }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      partition,
      at: fc.nat({ max: 40 }),
      maxRecords: fc.integer({ min: 1, max: 12 }),
      maxBytes: fc.nat({ max: 20_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      partition,
      at: fc.nat({ max: 40 }),
      metadata: fc.string({ maxLength: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), inFlight: fc.nat({ max: 4 }) }) },
);

/** Every run opens a log of its own. Throws with fast-check's seed and counterexample. */
export async function checkAgainstModel(open: () => Promise<OpenedLog>, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const opened = await open();
      try {
        await new Comparison(opened).run(steps);
      } finally {
        await opened.cleanup();
      }
    }),
    { numRuns: runs },
  );
}

class Comparison {
  readonly #opened: OpenedLog;
  #log: EventLog;
  readonly #stored: Uint8Array[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly #positions = new Array<Position | undefined>(PARTITIONS).fill(undefined);
  #made = 0;

  constructor(opened: OpenedLog) {
    this.#opened = opened;
    this.#log = opened.log;
  }

  async run(steps: readonly Step[]): Promise<void> {
    await this.#log.ensureTopics([{ name: TOPIC, partitions: PARTITIONS, retentionBytes: 2 ** 30, retentionUs: 1e15 }]);
    for (const each of steps) await this.#take(each);
    for (let i = 0; i < PARTITIONS; i++) await this.#read(i, 0, 10_000, 2 ** 30);
    await this.#withSessions(async (session) =>
      expect(await session.committed()).toEqual(this.#positions[session.partition]),
    );
    const lag = this.#stored.reduce(
      (sum, values, i) => sum + Math.max(0, values.length - (this.#positions[i]?.offset ?? 0)),
      0,
    );
    expect(await this.#log.lag(GROUP, TOPIC)).toBe(lag);
  }

  async #take(each: Step): Promise<void> {
    switch (each.do) {
      case 'append':
        await Promise.all(each.appends.map((append) => this.#append(append.partition, append.sizes)));
        return;
      case 'read':
        return this.#read(each.partition, each.at, each.maxRecords, each.maxBytes);
      case 'commit': {
        const position = { offset: each.at, metadata: each.metadata };
        await this.#withSessions(async (session) => {
          if (session.partition === each.partition) await session.commit(position);
        });
        this.#positions[each.partition] = position;
        return;
      }
      case 'restart': {
        // Appends under way when the log closes are finished, not lost.
        const inFlight = Promise.all(
          Array.from({ length: each.inFlight }, (_, i) => this.#append(i % PARTITIONS, [10 + i])),
        );
        this.#log = await this.#opened.reopen();
        await inFlight;
        return;
      }
    }
  }

  async #append(index: number, sizes: readonly number[]): Promise<void> {
    const values = sizes.map((size) => new Uint8Array(size).fill(++this.#made % 251));
    const { baseOffset } = await this.#log.append(
      TOPIC,
      values.map((value) => ({ value })),
      index,
    );
    // Appends made at once may land in any order, but each in one piece: the offset says where.
    const stored = this.#stored[index]!;
    for (const [i, value] of values.entries()) {
      expect(stored[baseOffset + i]).toBeUndefined();
      stored[baseOffset + i] = value;
    }
  }

  async #read(index: number, at: number, maxRecords: number, maxBytes: number): Promise<void> {
    const records = await this.#log.readFrom(TOPIC, index, at, { maxRecords, maxBytes, waitMs: 0 });
    const expected = this.#stored[index]!.slice(at, at + maxRecords);
    expect(records.length === 0).toBe(expected.length === 0);
    expect(records.map((record) => record.offset)).toEqual(records.map((_, i) => at + i));
    for (const [i, record] of records.entries()) expect(Buffer.compare(record.value, expected[i]!)).toBe(0);
    // About maxBytes: without its last record it is within the limit, and it stopped short only because of the limit.
    const size = (count: number): number => expected.slice(0, count).reduce((sum, value) => sum + value.length, 0);
    if (records.length > 1) expect(size(records.length - 1)).toBeLessThanOrEqual(maxBytes);
    if (records.length < expected.length) expect(size(records.length + 1)).toBeGreaterThan(maxBytes);
  }

  /** Joins the group, does something in each partition's session, and leaves. */
  async #withSessions(act: (session: PartitionSession) => Promise<void>): Promise<void> {
    const done = new Set<number>();
    await new Promise<void>((resolve, reject) => {
      const joined = this.#log.join(
        GROUP,
        [TOPIC],
        async (session) => {
          await act(session);
          done.add(session.partition);
          if (done.size === PARTITIONS) void joined.then((member) => member.close()).then(resolve, reject);
          await session.read(1e9, { maxRecords: 1, maxBytes: 1, waitMs: 600_000 });
        },
        reject,
      );
      joined.catch(reject);
    });
  }
}

// Shares a second from Kafka through validators and aggregators into ClickHouse, with one and with two of each, and the CPU time a share costs
// each part. One and two take turns. On two cores everything shares them with Kafka and ClickHouse, so what two processes gain is
// bounded by the machine; the cost of a share is what carries over to others.
import { TOPIC } from '@assay/event-log';
import { assert, MICROS_PER_SECOND, systemClock } from '@assay/kernel';
import type { BenchRow } from '../bench-row.ts';
import { summarizeRounds, type Round } from '../round-summary.ts';
import { BLOCK_SHARES, SubmittedBlocks } from '../submitted-blocks.ts';
import { eventually, type BenchCluster, type Cpu, type Part } from './bench-cluster.ts';

const ROUNDS = 3;
/** A dozen of the aggregators' batches: what becomes visible comes in steps of a batch. */
const SHARES_PER_PHASE = 600_000;
const PHASE_TIMEOUT_MS = 180_000;
/** A phase is timed between these fractions of its shares: what a group needs to settle, and the last batch's linger, are not in it. */
const FROM = 0.05;
const TO = 0.95;

interface Phase {
  readonly sharesPerSecond: number;
  /** CPU time of a share, microseconds, over the whole phase. */
  readonly cpu: Cpu;
}

type Processes = 1 | 2;

export class Throughput {
  readonly #bench: BenchCluster;
  readonly #blocks: SubmittedBlocks;

  constructor(bench: BenchCluster) {
    this.#bench = bench;
    // Some 30 shares a minute of each of 1,000 machines.
    this.#blocks = new SubmittedBlocks({
      fromUs: systemClock.nowUs() - 86_400 * MICROS_PER_SECOND,
      stepUs: 2000,
      workers: 1000,
    });
  }

  async rows(): Promise<BenchRow[]> {
    const phases = { proved: pair(), written: pair(), both: pair() };
    // Unmeasured: engines compile what is hot, caches fill.
    await this.#together(2);
    for (let round = 0; round < ROUNDS; round++) {
      for (const count of [1, 2] as const) {
        phases.proved[count].push(await this.#prove(count));
        phases.written[count].push(await this.#write(count));
        phases.both[count].push(await this.#together(count));
      }
    }
    await this.#bench.run({ validator: 0, aggregator: 0 });
    return [
      scaled('cluster, Kafka to Kafka, validators', phases.proved),
      scaled('cluster, Kafka to ClickHouse, aggregators', phases.written),
      scaled('cluster, Kafka through validators and aggregators into ClickHouse', phases.both),
      ...costs(phases.both[2]),
    ];
  }

  /** Validators alone: their verified records are left in the log for `#write`. */
  async #prove(count: Processes): Promise<Phase> {
    const bench = this.#bench;
    await bench.run({ validator: count, aggregator: 0 });
    await bench.untilReady();
    return this.#time(async () => {
      const before = await bench.records(TOPIC.sharesVerified);
      await this.#append();
      return async () => ((await bench.records(TOPIC.sharesVerified)) - before) * BLOCK_SHARES;
    });
  }

  /** Aggregators alone, on what was proved before. */
  async #write(count: Processes): Promise<Phase> {
    const bench = this.#bench;
    await bench.run({ validator: 0, aggregator: 0 });
    return this.#time(async () => {
      const before = await this.#rowsWritten();
      await bench.run({ validator: 0, aggregator: count });
      return async () => (await this.#rowsWritten()) - before;
    });
  }

  async #together(count: Processes): Promise<Phase> {
    const bench = this.#bench;
    await bench.run({ validator: count, aggregator: count });
    await bench.untilReady();
    return this.#time(async () => {
      const before = await this.#rowsWritten();
      await this.#append();
      return async () => (await this.#rowsWritten()) - before;
    });
  }

  #append(): Promise<void> {
    return this.#bench.append(Array.from({ length: SHARES_PER_PHASE / BLOCK_SHARES }, () => this.#blocks.next()));
  }

  #rowsWritten(): Promise<number> {
    return this.#bench.count('SELECT count() AS n FROM assay.shares');
  }

  /** @param begin sets the work going and returns how to ask how much of it is done, in shares */
  async #time(begin: () => Promise<() => Promise<number>>): Promise<Phase> {
    const before = this.#bench.cpuUs();
    const done = await begin();
    let first: [number, number] | undefined;
    let last: [number, number] | undefined;
    await eventually(PHASE_TIMEOUT_MS, async () => {
      const shares = await done();
      const now = performance.now();
      if (first === undefined && shares >= FROM * SHARES_PER_PHASE) first = [shares, now];
      if (last === undefined && shares >= TO * SHARES_PER_PHASE) last = [shares, now];
      return shares >= SHARES_PER_PHASE;
    });
    assert(first !== undefined && last !== undefined && last[1] > first[1], 'the phase was over in one look');
    const after = this.#bench.cpuUs();
    const parts = Object.keys(after) as Part[];
    const cpu = Object.fromEntries(parts.map((part) => [part, (after[part] - before[part]) / SHARES_PER_PHASE])) as Cpu;
    return { sharesPerSecond: ((last[0] - first[0]) / (last[1] - first[1])) * 1000, cpu };
  }
}

type Pair = Readonly<Record<Processes, Phase[]>>;

const pair = (): Pair => ({ 1: [], 2: [] });

function scaled(name: string, phases: Pair): BenchRow {
  const rounds = phases[2].map(({ sharesPerSecond }, i): Round => ({
    ours: sharesPerSecond,
    baseline: phases[1][i]!.sharesPerSecond,
  }));
  return { name: `${name}, 2 of each`, unit: 'shares/s', baseline: '1 of each', ...summarizeRounds(rounds) };
}

/** What a share costs each part, against what it costs them all. */
function costs(phases: readonly Phase[]): BenchRow[] {
  const PARTS = ['validator', 'aggregator', 'clickhouse', 'kafka'] as const;
  return PARTS.map((part) => {
    const rounds = phases.map(({ cpu }): Round => ({
      ours: cpu[part],
      baseline: PARTS.reduce((sum, each) => sum + cpu[each], 0),
    }));
    return {
      name: `cluster, CPU of a share, ${part}`,
      unit: 'us',
      baseline: 'all four together',
      ...summarizeRounds(rounds),
    };
  });
}

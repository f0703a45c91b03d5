// The way of a share from the log to the store and the live state, on virtual time, with everything going wrong that can: one
// or two aggregators die at any await, inserts fail before or after they took effect, log and live state lose requests and answers, the live
// state loses everything, validators write records twice, shares come days late, records are garbage. All of it is decided by the
// seed, so a run can be repeated.
// Invariants, checked when the log has been read to its end: nothing is lost, nothing counted twice, rollups equal raw shares,
// the live rates are those of the published shares, connections are those that are open.
import { MemoryEventLog, MemoryLiveState, MemoryLogDisk } from '@assay/adapter-memory';
import {
  aggregatorMetrics,
  consumeEvents,
  consumeShares,
  ExactlyOnceSink,
  LiveKeeper,
  RejectBurstDetector,
} from '@assay/aggregator';
import type { BurstHistory, Missing, PartitionOffset, PipelinePorts } from '@assay/aggregator';
import { TOPIC, topicSpecs } from '@assay/event-log';
import type { EventLog } from '@assay/event-log';
import { Random } from '@assay/kernel';
import { byWindow, LIVE_SLOT_US, LIVE_WINDOWS } from '@assay/live-state';
import type { DecayedByWindow, LiveDelta, LiveGap, LivePartition, LiveSnapshot, LiveWindow } from '@assay/live-state';
import { ALGORITHMS, REJECT_REASONS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import { noTracer, Registry, silentLogger } from '@assay/platform';
import { encodeVerified, sourceHeader } from '@assay/share-block';
import { LossyLog, randomBlocks, VirtualTime } from '@assay/sim';
import type { WorkerEvent } from '@assay/tenancy';
import { decayedWork, eventViolations, sharesOf, violations } from './expectation.ts';
import type { Share } from './expectation.ts';
import { lossyLiveState } from './lossy-live-state.ts';
import type { ModelRow } from './model-store.ts';
import { ModelStore } from './model-store.ts';
import { SimulatedProcess } from './simulated-process.ts';

export interface SimOptions {
  readonly seed: number;
  /** Records published before everything is read to its end. */
  readonly steps: number;
}

export interface SimReport {
  readonly seed: number;
  readonly steps: number;
  readonly shares: number;
  readonly events: number;
  readonly aggregators: number;
  /** Times an aggregator died. */
  readonly deaths: number;
  /** Times the live state lost everything. */
  readonly losses: number;
  /** Times it got a new base, and times what a partition lacked in it was read back from the store. */
  readonly rebuilds: number;
  readonly catchUps: number;
  /** Times a partition's handler failed and was started again. */
  readonly restarts: number;
  readonly insertFailures: number;
  /** Inserts that were made again and kept from counting twice by their token. */
  readonly deduplicated: number;
  readonly repeatedRecords: number;
  readonly garbage: number;
  readonly bursts: number;
  readonly virtualSeconds: number;
  /** Empty when every invariant held. */
  readonly violations: readonly string[];
}

const START_US = 1_760_000_000_000_000;
const PARTITIONS = 3;
/** What the live state promises when it is lost while shares are written: exact for shares that are not later than this. */
const NOT_LATE_US = 10 * 60e6;
const FARMS = [
  {
    gateway: 'g1',
    algorithm: 'sha256d',
    workers: ['acme.hall1.r1.m1', 'acme.hall1.r1.m2', 'beta.s1.7'],
    rejected: 0.05,
  },
  { gateway: 'g2', algorithm: 'scrypt', workers: ['acme.hall2.ltc', 'solo'], rejected: 0.4 },
] as const;
const LIVE_PARTITIONS = [TOPIC.sharesVerified, TOPIC.workerEvents].flatMap((topic) =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
);
const WORKERS = FARMS.flatMap(({ workers, algorithm, gateway }) =>
  workers.map((worker) => ({ worker, algorithm, gateway })),
);
/** Where the end must have been reached; far beyond what any seed takes. */
const MAX_TIMERS = 2_000_000;

export async function runPipelineSimulation(options: SimOptions): Promise<SimReport> {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimOptions;
  readonly #random: Random;
  readonly #time = new VirtualTime(START_US);
  readonly #disk: MemoryLogDisk;
  readonly #producer: MemoryEventLog;
  readonly #store: ModelStore;
  readonly #shares: Share[] = [];
  readonly #eventIds: string[] = [];
  readonly #open = new Map<string, { worker: string; gateway: string }>();
  readonly #recent: { partition: number; value: Uint8Array; headers: Record<string, string> }[] = [];
  readonly #sources = new Array<number>(PARTITIONS).fill(0);
  readonly #live = new MemoryLiveState({ clock: this.#time });
  /**
   * Shares of every other seed come days late. Some of those may be missing from a live state that was lost while they were written, so
   * there it is lost once more when all is written.
   */
  readonly #latestUs: number;
  readonly #aggregators: number;
  #lostAtTheEnd = false;
  #publishedAtUs = 0;
  #stormy = true;
  #losses = 0;
  #rebuilds = 0;
  #catchUps = 0;
  #connections = 0;
  #deaths = 0;
  #restarts = 0;
  #repeated = 0;
  #garbage = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    // Any four seeds in a row have each of both with each of the other.
    this.#latestUs = options.seed % 2 === 0 ? 2 * 86_400e6 : NOT_LATE_US;
    this.#aggregators = 1 + (Math.floor(options.seed / 2) % 2);
    this.#disk = new MemoryLogDisk({ clock: this.#time, timer: this.#time });
    this.#producer = new MemoryEventLog(this.#disk);
    this.#store = new ModelStore(this.#random.fork(), this.#time);
  }

  async run(): Promise<SimReport> {
    await this.#producer.ensureTopics(topicSpecs(PARTITIONS));
    this.#store.failing = 0.1;
    for (let i = 0; i < this.#aggregators; i++) this.#startAggregator();
    let published = false;
    void this.#publish().then(() => {
      published = true;
      this.#publishedAtUs = this.#time.nowUs();
    });
    this.#loseLiveState(this.#random.fork());
    for (let timers = 0; ; timers++) {
      if (timers > MAX_TIMERS) return this.#report(['the log was not read to its end: the pipeline stands still']);
      if (!(await this.#time.step()))
        return this.#report(['nothing is left to do, and the log is not read to its end']);
      if (!published) continue;
      // Calm weather from here on, so that the end can be reached.
      this.#stormy = false;
      this.#store.failing = 0;
      if (timers % 16 === 0 && (await this.#isDone())) break;
    }
    const nowUs = this.#time.nowUs();
    return this.#report([
      ...violations(this.#shares, this.#store),
      ...eventViolations(this.#eventIds, this.#store, this.#aggregators),
      ...(await this.#liveViolations(nowUs)),
    ]);
  }

  async #isDone(): Promise<boolean> {
    for (const topic of [TOPIC.sharesVerified, TOPIC.workerEvents])
      if ((await this.#producer.lag('aggregator', topic)) > 0) return false;
    if (this.#latestUs > NOT_LATE_US && !this.#lostAtTheEnd) {
      this.#lostAtTheEnd = true;
      this.#lose();
    }
    // Live rates are complete up to now, and nothing was published a moment ago.
    const nowUs = this.#time.nowUs();
    const { live, asOfUs } = await this.#live.standing(nowUs);
    return live && asOfUs === nowUs && nowUs - this.#publishedAtUs > 5e6;
  }

  #loseLiveState(random: Random): void {
    this.#time.after(random.exponential(60_000), () => {
      if (!this.#stormy) return;
      this.#lose();
      this.#loseLiveState(random);
    });
  }

  #lose(): void {
    this.#losses++;
    this.#live.lose();
  }

  #report(said: readonly string[]): SimReport {
    return {
      seed: this.#options.seed,
      steps: this.#options.steps,
      shares: this.#shares.length,
      events: this.#eventIds.length,
      aggregators: this.#aggregators,
      deaths: this.#deaths,
      losses: this.#losses,
      rebuilds: this.#rebuilds,
      catchUps: this.#catchUps,
      restarts: this.#restarts,
      insertFailures: this.#store.failures,
      deduplicated: this.#store.deduplicated,
      repeatedRecords: this.#repeated,
      garbage: this.#garbage,
      bursts: this.#store.rows('events').filter((row) => row['type'] === 'reject_burst').length,
      virtualSeconds: (this.#time.nowUs() - START_US) / 1e6,
      violations: said,
    };
  }

  // ---- what is published -------------------------------------------------------------------------------------------

  async #publish(): Promise<void> {
    const random = this.#random.fork();
    const farms = FARMS.map(({ gateway, workers, algorithm, rejected }) =>
      randomBlocks({
        random: random.fork(),
        gateway,
        workers,
        algorithms: [algorithm],
        rejected,
        late: 0.1,
        latestUs: this.#latestUs,
      }),
    );
    for (let step = 0; step < this.#options.steps; step++) {
      await this.#time.pause(random.chance(0.02) ? random.float() * 90_000 : random.exponential(150));
      if (random.chance(0.15)) await this.#publishEvent(random);
      else if (random.chance(0.05)) await this.#repeat(random);
      else if (random.chance(0.03)) await this.#publishGarbage(random);
      else {
        const block = random.pick(farms).next(this.#time.nowUs(), 1 + random.below(12));
        this.#shares.push(...sharesOf(block));
        await this.#append(random.below(PARTITIONS), encodeVerified(block));
      }
    }
  }

  async #append(partition: number, value: Uint8Array): Promise<void> {
    const headers = sourceHeader(partition, this.#sources[partition]!++);
    await this.#producer.append(TOPIC.sharesVerified, [{ value, headers }], partition);
    this.#recent.push({ partition, value, headers });
    if (this.#recent.length > 20) this.#recent.shift();
  }

  /** A validator that was fenced writes its last records of a partition once more. */
  async #repeat(random: Random): Promise<void> {
    const partition = random.below(PARTITIONS);
    const last = this.#recent.filter((record) => record.partition === partition).slice(-1 - random.below(4));
    for (const { value, headers } of last)
      await this.#producer.append(TOPIC.sharesVerified, [{ value, headers }], partition);
    this.#repeated += last.length;
  }

  async #publishGarbage(random: Random): Promise<void> {
    this.#garbage++;
    const value = random.bytes(1 + random.below(50));
    if (random.chance(0.5)) await this.#append(random.below(PARTITIONS), value);
    else await this.#producer.append(TOPIC.workerEvents, [{ key: 'g1', value }]);
  }

  async #publishEvent(random: Random): Promise<void> {
    const { worker, algorithm, gateway } = random.pick(WORKERS);
    const base = { atUs: this.#time.nowUs(), gateway };
    const open = [...this.#open].filter(([, connection]) => connection.worker === worker);
    let event: WorkerEvent;
    if (random.chance(0.05)) {
      event = { type: 'gateway_started', ...base };
      for (const [key, connection] of this.#open) if (connection.gateway === gateway) this.#open.delete(key);
    } else if (open.length > 0 && random.chance(0.5)) {
      const [connection] = open[random.below(open.length)]!;
      this.#open.delete(connection);
      event = { type: 'disconnected', ...base, tenant: worker.split('.')[0]!, worker, connection, reason: 'closed' };
    } else {
      const connection = `c${++this.#connections}`;
      this.#open.set(connection, { worker, gateway });
      const facts = { algorithm, remoteAddress: '10.0.0.1', userAgent: 'sim', difficulty: 512 };
      event = { type: 'authorized', ...base, tenant: worker.split('.')[0]!, worker, connection, ...facts };
    }
    const record = { key: gateway, value: Buffer.from(JSON.stringify(event)) };
    const { partition, baseOffset } = await this.#producer.append(TOPIC.workerEvents, [record]);
    this.#eventIds.push(`${TOPIC.workerEvents}:${partition}:${baseOffset}`);
  }

  // ---- the aggregator, as a process that dies ----------------------------------------------------------------------

  #startAggregator(): void {
    const time = this.#time;
    const random = this.#random.fork();
    const memoryLog = new MemoryEventLog(this.#disk);
    // Some processes live for minutes, some hardly start.
    const chance = random.chance(0.3) ? 0.01 : 0.001;
    const mortal = new SimulatedProcess(
      random.fork(),
      () => (this.#stormy ? chance : 0),
      () => {
        this.#deaths++;
        memoryLog.crash();
        time.after(500 + random.float() * 3000, () => this.#startAggregator());
      },
    );
    const weather = { failBefore: 0.02, failAfter: 0.02, crash: 0.01, delay: 0.1, maxDelayMs: 200 };
    const calm = { failBefore: 0, failAfter: 0, crash: 0, delay: 0, maxDelayMs: 0 };
    const lossy: EventLog = new LossyLog(memoryLog, random.fork(), this.#stormy ? weather : calm, time);
    const retry = {
      pause: (ms: number, signal: AbortSignal) => mortal.call(() => time.pause(ms, signal)),
      random: () => random.float(),
      onRetry: () => undefined,
    };
    const metrics = aggregatorMetrics(new Registry(), time);
    const live = lossyLiveState(this.#live, random.fork(), () => (this.#stormy ? 0.02 : 0));
    const keeper = new LiveKeeper(LIVE_PARTITIONS, {
      live: mortal.wrap(live),
      clock: time,
      logger: silentLogger,
      metrics: {
        ...metrics,
        liveRebuilds: { inc: () => this.#rebuilds++ },
        liveCatchUps: { inc: () => this.#catchUps++ },
      },
      pause: retry.pause,
      readWorkers: (cutUs) => mortal.call(() => this.#readWorkers(cutUs)),
      readMissing: (of, gap, endOffset) => mortal.call(() => this.#readMissing(of, gap, endOffset)),
    });
    const store = mortal.wrap(this.#store);
    const ports: PipelinePorts = {
      log: mortal.wrap(lossy),
      sink: new ExactlyOnceSink({ insertArrow: (...args) => store.insertArrow(...args) }, time, retry, metrics),
      keeper,
      clock: time,
      pause: retry.pause,
      retry,
      metrics,
      logger: silentLogger,
      tracer: noTracer,
      limits: { maxShares: 60, maxBytes: 1 << 20 },
      lingerMs: 400,
      detector: new RejectBurstDetector(),
      burstHistory: (at) => mortal.call(async () => this.#burstHistory(at)),
      storeHoldsNothingOf: async () => false,
      newLineage: () => 'sim',
    };
    const check = (): void => {
      if (!mortal.alive) return;
      void keeper.check();
      time.after(1000, check);
    };
    void lossy.join(
      'aggregator',
      [TOPIC.sharesVerified, TOPIC.workerEvents],
      (session) =>
        (session.topic === TOPIC.sharesVerified ? consumeShares : consumeEvents)(mortal.wrap(session), ports),
      () => this.#restarts++,
    );
    check();
  }

  // ---- what the aggregator reads back from the store ---------------------------------------------------------------

  #burstHistory({ partition, offset }: PartitionOffset): BurstHistory {
    const minuteOf = (us: unknown): number => Math.floor(Number(us) / 60e6);
    const told = this.#store.rows('events').filter((row) => row['type'] === 'reject_burst');
    const minutes = this.#store.rows('shares').flatMap((row) => {
      if (row['log_partition'] !== partition || Number(row['log_offset']) >= offset) return [];
      const reason = (REJECT_REASONS as readonly string[]).indexOf(String(row['reject_reason']));
      const rejected = REJECT_REASONS.map((_, code) => (code === reason && code !== 0 ? 1 : 0));
      return {
        worker: String(row['worker']),
        minute: minuteOf(row['submitted_at']),
        accepted: reason === 0 ? 1 : 0,
        rejected,
      };
    });
    minutes.sort((a, b) => a.minute - b.minute);
    return { minutes, told: told.map((row) => ({ worker: String(row['worker']), minute: minuteOf(row['at']) })) };
  }

  /** What the base's SQL answers, from the model's raw shares and events: reading takes its time, and sees what is written meanwhile. */
  async #readWorkers(cutUs: number): Promise<LiveSnapshot[]> {
    await this.#readSlowly();
    const events = [...this.#store.rows('events')].sort((a, b) => Number(a['at']) - Number(b['at']));
    await this.#readSlowly();
    const shares = this.#store.rows('shares').filter((row) => row['verdict'] === 'accepted');
    return WORKERS.flatMap(({ worker, algorithm }): LiveSnapshot[] => {
      const open = new Map<string, { gateway: string; connection: string; sinceUs: number }>();
      let [firstSeenUs, authorizedAtUs] = [Infinity, 0];
      for (const row of events) {
        const atUs = Number(row['at']);
        const [gateway, connection] = [String(row['gateway']), String(row['connection'])];
        if (row['type'] === 'gateway_started')
          for (const [key, one] of open) if (one.gateway === gateway) open.delete(key);
        if (row['worker'] !== worker) continue;
        if (row['type'] === 'authorized') {
          open.set(`${gateway} ${connection}`, { gateway, connection, sinceUs: atUs });
          firstSeenUs = Math.min(firstSeenUs, atUs);
          authorizedAtUs = atUs;
        } else if (row['type'] === 'disconnected') open.delete(`${gateway} ${connection}`);
      }
      const mined = shares.filter((row) => row['worker'] === worker);
      for (const row of mined) firstSeenUs = Math.min(firstSeenUs, Number(row['submitted_at']));
      if (firstSeenUs === Infinity) return [];
      const lastShareAtUs =
        mined.length === 0 ? undefined : Math.max(...mined.map((row) => Number(row['submitted_at'])));
      return [
        {
          tenant: worker.split('.')[0]!,
          worker,
          algorithm: algorithm as Algorithm,
          userAgent: 'sim',
          remoteAddress: '10.0.0.1',
          connections: [...open.values()],
          authorizedAtUs,
          firstSeenUs,
          lastShareAtUs,
          difficulty: 512,
          bestShareDifficulty: 0,
          expectedHashRateHs: undefined,
          decayed: decayed(
            mined.filter((row) => Number(row['submitted_at']) < cutUs),
            cutUs,
          ),
        },
      ];
    });
  }

  /** What the SQL of live-missing.ts answers. */
  async #readMissing({ topic, partition }: LivePartition, gap: LiveGap, endOffset: number): Promise<Missing> {
    await this.#readSlowly();
    const isMissing = (row: ModelRow): boolean =>
      row['log_partition'] === partition &&
      Number(row['log_offset']) >= gap.fromOffset &&
      Number(row['log_offset']) < endOffset;
    if (topic === TOPIC.workerEvents) {
      const rows = this.#store
        .rows('events')
        .filter((row) => row['log_topic'] === topic && isMissing(row) && Number(row['at']) >= gap.submittedFromUs);
      rows.sort((a, b) => Number(a['log_offset']) - Number(b['log_offset']));
      return { deltas: [], events: rows.map(eventOf), endOffset };
    }
    const nowUs = this.#time.nowUs();
    const sinceUs = gap.submittedFromUs || (gap.reachedUs || nowUs) - 3600e6;
    const rows = this.#store.rows('shares').filter((row) => isMissing(row) && Number(row['submitted_at']) >= sinceUs);
    const deltas = WORKERS.flatMap(({ worker, algorithm }): LiveDelta[] => {
      const mined = rows.filter((row) => row['worker'] === worker && row['verdict'] === 'accepted');
      if (mined.length === 0) return [];
      const times = mined.map((row) => Number(row['submitted_at']));
      return [
        {
          tenant: worker.split('.')[0]!,
          worker,
          algorithm: algorithm as Algorithm,
          accepted: mined.length,
          sinceUs: Math.min(...times.map((us) => Math.floor(us / LIVE_SLOT_US) * LIVE_SLOT_US)),
          bestShareDifficulty: 0,
          lastShareAtUs: Math.max(...times),
          difficulty: 512,
          difficultyAtUs: Math.max(...times),
          decayed: decayed(mined, nowUs),
        },
      ];
    });
    return { deltas, events: [], endOffset };
  }

  #readSlowly(): Promise<void> {
    return this.#time.pause(this.#random.exponential(100));
  }

  // ---- the live state at the end -----------------------------------------------------------------------------------

  async #liveViolations(nowUs: number): Promise<string[]> {
    const said: string[] = [];
    for (const { worker, algorithm } of WORKERS) {
      const shown = await this.#live.worker(nowUs, worker);
      const open = [...this.#open.values()].filter((connection) => connection.worker === worker).length;
      if ((shown?.connections ?? 0) !== open)
        said.push(`${worker} is shown with ${shown?.connections} connections, ${open} are open`);
      for (const name of ['5m', '1h', '1d'] as LiveWindow[]) {
        const { seconds } = LIVE_WINDOWS.find((window) => window.name === name)!;
        const work = decayedWork(this.#shares, worker, nowUs, seconds, LIVE_SLOT_US);
        if (shown === undefined) {
          if (work > 0) said.push(`${worker} is not shown although it mined`);
          break;
        }
        const ageSeconds = Math.max(10, (nowUs - shown.firstSeenUs) / 1e6);
        const truth =
          (work * ALGORITHMS[algorithm].hashesPerDifficulty) / (seconds * -Math.expm1(-ageSeconds / seconds));
        const rate = shown.rates[name].hashRateHs;
        if (Math.abs(rate - truth) > 1e-6 * truth)
          said.push(`${worker} is shown with ${rate} H/s over ${name}, its shares make ${truth}`);
      }
    }
    return said;
  }
}

function decayed(mined: readonly ModelRow[], asOfUs: number): DecayedByWindow {
  return byWindow((seconds) => {
    const sum = { atUs: asOfUs, work: 0, workSquared: 0 };
    for (const row of mined) {
      const atUs = Math.floor(Number(row['submitted_at']) / LIVE_SLOT_US) * LIVE_SLOT_US + LIVE_SLOT_US / 2;
      const weight = Number(row['difficulty']) * Math.exp(-(asOfUs - atUs) / 1e6 / seconds);
      sum.work += weight;
      sum.workSquared += weight * weight;
    }
    return sum;
  });
}

function eventOf(row: ModelRow): WorkerEvent {
  const text = (name: string): string => String(row[name]);
  const happened = { atUs: Number(row['at']), gateway: text('gateway') };
  const type = row['type'] as Exclude<WorkerEvent['type'], 'reject_burst'>;
  if (type === 'gateway_started') return { type, ...happened };
  const toWorker = { ...happened, tenant: text('tenant'), worker: text('worker'), connection: text('connection') };
  if (type === 'disconnected') return { type, ...toWorker, reason: text('reason') };
  const facts = {
    remoteAddress: text('remote_address'),
    userAgent: text('user_agent'),
    difficulty: Number(row['difficulty']),
  };
  return { type, ...toWorker, algorithm: text('algorithm') as Algorithm, ...facts };
}

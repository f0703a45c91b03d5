// Keeps the live state in step with what is in ClickHouse, without ever holding up what goes into it. Any number of aggregators keep
// one state, each for the partitions it holds; nothing but the state itself ties them together.
//
//   an update is taken        it begins where the state has its partition
//   the partition is behind   an update failed, the partition came from another aggregator, or the base is new: what is missing is read
//                             from ClickHouse, between two batches, and added as one update. The partition's holder alone writes it,
//                             so ClickHouse has exactly its records up to where the holder is
//   the state is lost         never built, flushed, or of another history: one aggregator reads a base, beside the partitions' work
//
// Whatever fails is left for the partition's next batch, or its next look when nothing comes: it finds the partition behind.
import type { LivePartition } from '@assay/live-state';
import { LiveStateError } from '@assay/live-state';
import type {
  LiveBase,
  LiveDelta,
  LiveGap,
  LiveProgress,
  LiveSnapshot,
  LiveState,
  LiveUpdate,
} from '@assay/live-state';
import { TOPIC } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { WorkerEvent } from '@assay/tenancy';
import type { AggregatorMetrics } from './metrics.ts';
import { GivenUp, type Pause } from './retry.ts';

/** How far before the oldest partition's time a base is cut: shares that come later than this are late. */
const RAW_US = 15 * MICROS_PER_MINUTE;
/** A partition that lacks more than this is not read back share by share: a new base costs less. */
const LONGEST_CATCH_UP_US = MICROS_PER_HOUR;
/** How long a base waits to hear from every partition. One nobody holds writes nothing meanwhile. */
const PATIENCE_US = 5 * MICROS_PER_SECOND;
const LOOK_EVERY_MS = 100;
/** After a failure, nobody tries again for this long: a state that does not answer would cost every batch its timeout. */
const QUIET_US = 2 * MICROS_PER_SECOND;

export interface Missing {
  readonly deltas: readonly LiveDelta[];
  readonly events: readonly WorkerEvent[];
  /** Offset after the last record it brings: `endOffset` as asked for, or less where there is too much for once. */
  readonly endOffset: number;
}

export interface LiveKeeperPorts {
  readonly live: LiveState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: {
    readonly [name in 'liveFailures' | 'liveRebuilds' | 'liveCatchUps']: Pick<AggregatorMetrics[name], 'inc'>;
  };
  readonly pause: Pause;
  /** Every worker, with the work of shares submitted before `cutUs`. */
  readonly readWorkers: (cutUs: number) => Promise<LiveSnapshot[]>;
  /** What ClickHouse has of a partition from the gap on, below `endOffset`. */
  readonly readMissing: (of: LivePartition, gap: LiveGap, endOffset: number) => Promise<Missing>;
}

export class LiveKeeper {
  readonly #ports: LiveKeeperPorts;
  readonly #partitions: readonly LivePartition[];
  readonly #stopping = new AbortController();
  #rebuilding: Promise<void> | undefined;
  /** Reads for the live state go one after the other: together they would ask for the memory of all. */
  #reading: Promise<unknown> = Promise.resolve();
  #stateQuietUntilUs = 0;
  #storeQuietUntilUs = 0;
  #failing = false;
  #shownLive = false;

  /** @param partitions every partition there is, of this aggregator or another */
  constructor(partitions: readonly LivePartition[], ports: LiveKeeperPorts) {
    this.#partitions = partitions;
    this.#ports = ports;
  }

  /** Shows a batch that is in ClickHouse, or, with nothing in it, how far a partition has come. Never fails. */
  async show(update: LiveUpdate): Promise<void> {
    const { live, clock } = this.#ports;
    if (clock.nowUs() < this.#stateQuietUntilUs) return;
    try {
      const outcome = await live.apply(update);
      if (outcome.kind === 'lost') this.#rebuild(outcome.epoch);
      else if (outcome.kind !== 'behind') this.#works();
      else if (isTooFar(update, outcome.gap)) this.#rebuild(outcome.gap.epoch);
      else await this.#catchUp(update, outcome.gap);
    } catch (error) {
      this.#fails('apply', error);
    }
  }

  /** To be called every second: says when the state becomes current, and when it ceases to be. */
  async check(): Promise<void> {
    const { live, clock, logger } = this.#ports;
    const current = await live.standing(clock.nowUs()).then(
      (standing) => standing.live,
      () => false,
    );
    if (current === this.#shownLive) return;
    this.#shownLive = current;
    logger.info({ live: current }, current ? 'the live state is current' : 'the live state is not current');
  }

  /** Resolves when nothing is read for the live state any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rebuilding;
  }

  async #catchUp(update: LiveUpdate, gap: LiveGap): Promise<void> {
    const { live, clock, metrics, readMissing } = this.#ports;
    if (clock.nowUs() < this.#storeQuietUntilUs) return;
    const { endOffset, ...missing } = await this.#read(() => readMissing(update, gap, update.endOffset));
    // What it says of time holds only for all of it.
    const reachedUs = endOffset === update.endOffset ? update.reachedUs : 0;
    const outcome = await live.apply({ ...update, ...missing, fills: gap.token, endOffset, reachedUs });
    if (outcome.kind === 'applied') metrics.liveCatchUps.inc({ topic: update.topic });
    this.#works();
  }

  /** In the background: batches go on meanwhile, and find their partition behind when there is a base. */
  #rebuild(epoch: string): void {
    const { live, clock, logger, metrics } = this.#ports;
    if (this.#rebuilding !== undefined || clock.nowUs() < this.#storeQuietUntilUs) return;
    const rebuild = async (): Promise<void> => {
      try {
        if (!(await live.rebuild(epoch, (progress) => this.#readBase(progress)))) return;
        metrics.liveRebuilds.inc();
        logger.info('the live state is rebuilt');
        this.#works();
      } catch (error) {
        if (!(error instanceof GivenUp)) this.#fails('rebuild', error);
      } finally {
        this.#rebuilding = undefined;
      }
    };
    this.#rebuilding = rebuild();
  }

  async #readBase(progress: () => Promise<readonly LiveProgress[]>): Promise<LiveBase> {
    const { clock, pause, readWorkers } = this.#ports;
    const giveUpAtUs = clock.nowUs() + PATIENCE_US;
    let told = await progress();
    while (!saysAll(told, this.#partitions) && clock.nowUs() < giveUpAtUs) {
      await pause(LOOK_EVERY_MS, this.#stopping.signal);
      if (this.#stopping.signal.aborted) throw new GivenUp('the aggregator stops');
      told = await progress();
    }
    const { cutUs, partitions } = planBase(this.#partitions, told, clock.nowUs());
    return { workers: await this.#read(() => readWorkers(cutUs)), partitions };
  }

  #read<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  #fails(what: string, error: unknown): void {
    const { clock, logger, metrics } = this.#ports;
    metrics.liveFailures.inc({ what });
    const quietUntilUs = clock.nowUs() + QUIET_US;
    if (error instanceof LiveStateError) this.#stateQuietUntilUs = quietUntilUs;
    else this.#storeQuietUntilUs = quietUntilUs;
    if (!this.#failing)
      logger.warn({ err: error }, 'the live state cannot be kept; it is brought up to date when it can');
    this.#failing = true;
  }

  #works(): void {
    if (this.#failing) this.#ports.logger.info('the live state is kept again');
    this.#failing = false;
  }
}

function isTooFar({ topic, reachedUs }: LiveUpdate, gap: LiveGap): boolean {
  // What a base lacks is always read: its cut is where the partitions are.
  if (topic !== TOPIC.sharesVerified || gap.submittedFromUs > 0 || gap.reachedUs === 0) return false;
  return reachedUs - gap.reachedUs > LONGEST_CATCH_UP_US;
}

function saysAll(told: readonly LiveProgress[], partitions: readonly LivePartition[]): boolean {
  const said = new Set(told.filter(({ reachedUs }) => reachedUs > 0).map(key));
  return partitions.every((partition) => said.has(key(partition)));
}

/**
 * What a base read now contains, and what each partition has to add to it. Of shares, those submitted before the cut: work before it
 * comes from the rollups, and each partition adds its raw shares from it on. The cut lies before what any partition is writing, so
 * while the base is read no share comes to the rollups' side of it, but one that is late by more than RAW_US: written between the
 * reading and the moment its partition is added, such a share is not in the live rates (in ClickHouse it is). Of events, everything:
 * each partition adds again what it may have written while the base was read, which changes nothing where the base has it.
 */
export function planBase(
  partitions: readonly LivePartition[],
  told: readonly LiveProgress[],
  nowUs: number,
): { readonly cutUs: number; readonly partitions: LiveBase['partitions'] } {
  const progressOf = new Map(told.map((progress) => [key(progress), progress]));
  let oldestUs = nowUs;
  for (const partition of partitions) {
    const reachedUs = partition.topic === TOPIC.sharesVerified ? progressOf.get(key(partition))?.reachedUs : undefined;
    if (reachedUs) oldestUs = Math.min(oldestUs, reachedUs);
  }
  const cutUs = Math.floor((oldestUs - RAW_US) / MICROS_PER_MINUTE) * MICROS_PER_MINUTE;
  return {
    cutUs,
    partitions: partitions.map(({ topic, partition }) => {
      const place = { topic, partition };
      if (topic === TOPIC.sharesVerified) return { ...place, fromOffset: 0, submittedFromUs: cutUs };
      const progress = progressOf.get(key(place));
      // Nobody held it, so nothing of it was being written; a day covers whoever began in that moment.
      if (progress === undefined) return { ...place, fromOffset: 0, submittedFromUs: nowUs - MICROS_PER_DAY };
      return { ...place, fromOffset: progress.endOffset, submittedFromUs: 0 };
    }),
  };
}

const key = ({ topic, partition }: LivePartition): string => `${topic}:${partition}`;

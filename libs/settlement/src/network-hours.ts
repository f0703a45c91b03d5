// What a share was worth on the network, hour by hour, from the jobs that were given out: the reward of a block over the difficulty of finding it.
// Pure. Invariant: an hour of which no job tells anything has no price, rather than a guessed one.
import { MICROS_PER_HOUR } from '@assay/kernel';
import { readCoinbase, type Algorithm } from '@assay/mining';

/** A job that was given out, as it is on record. */
export interface JobSample {
  /** Microseconds since 1970. */
  readonly firstSeenUs: number;
  readonly networkDifficulty: number;
  readonly coinbase1: Uint8Array;
  readonly coinbase2: Uint8Array;
}

/**
 * `coinbase`: the outputs of the job's own coinbase, subsidy and fees. `subsidy`: its outputs could not be read, so it is what the height gives, and
 * no fees. A job that pays nobody, as the pool makes them itself, prices nothing.
 */
export type RewardBasis = 'coinbase' | 'subsidy';

export interface NetworkHour {
  /** Start of the hour, UTC, UNIX seconds. */
  readonly atSeconds: number;
  /** Mean over the hour's jobs. */
  readonly networkDifficulty: number;
  /** Mean over the hour's jobs of reward over network difficulty, in whole coins; undefined where no job says what a block pays. */
  readonly coinsPerDifficulty: number | undefined;
  /** Mean reward of a block, whole coins. */
  readonly reward: number | undefined;
  /** Of that what is beyond the subsidy of the height; undefined where it cannot be told apart. */
  readonly fees: number | undefined;
  /** Whether the rewards of all its jobs were read, or some stand for their subsidy alone. */
  readonly basis: RewardBasis | undefined;
}

const UNITS_PER_COIN = 1e8;
const HALVING_BLOCKS = 210_000;
const FIRST_SUBSIDY = 5_000_000_000n;
/** An hour without a new job has the price of the last one before it, for so many hours at most. */
const CARRIED_HOURS = 24;

/** What bitcoin's rules let a block at the height create, in its smallest unit. */
export function subsidyAt(height: number): bigint {
  const halvings = Math.floor(height / HALVING_BLOCKS);
  return halvings >= 64 ? 0n : FIRST_SUBSIDY >> BigInt(halvings);
}

/**
 * One entry for each hour from the one of `fromUs` to the one before `untilUs` of which something is known. Samples may begin before that: an
 * hour without jobs goes by the last before it.
 */
export function networkHours(
  samples: readonly JobSample[],
  algorithm: Algorithm,
  fromUs: number,
  untilUs: number,
): NetworkHour[] {
  const byHour = new Map<number, JobSample[]>();
  for (const sample of samples) {
    const hour = Math.floor(sample.firstSeenUs / MICROS_PER_HOUR);
    const group = byHour.get(hour);
    if (group === undefined) byHour.set(hour, [sample]);
    else group.push(sample);
  }
  const firstHour = Math.floor(fromUs / MICROS_PER_HOUR);
  const hours: NetworkHour[] = [];
  let last: { readonly hour: number; readonly facts: Omit<NetworkHour, 'atSeconds'> } | undefined;
  for (let hour = firstHour - CARRIED_HOURS; hour * MICROS_PER_HOUR < untilUs; hour++) {
    const group = byHour.get(hour);
    const facts = group && factsOf(group, algorithm);
    if (facts !== undefined) last = { hour, facts };
    if (hour >= firstHour && last !== undefined && hour - last.hour <= CARRIED_HOURS)
      hours.push({ atSeconds: hour * 3600, ...last.facts });
  }
  return hours;
}

/** How far before a range jobs must be known, so that its first hours have a price. */
export const CARRIED_US = CARRIED_HOURS * MICROS_PER_HOUR;

function factsOf(samples: readonly JobSample[], algorithm: Algorithm): Omit<NetworkHour, 'atSeconds'> | undefined {
  const valid = samples.filter(({ networkDifficulty }) => networkDifficulty > 0);
  if (valid.length === 0) return undefined;
  const priced = valid.flatMap((sample) => {
    const reward = rewardOf(sample, algorithm);
    return reward === undefined ? [] : [{ ...reward, networkDifficulty: sample.networkDifficulty }];
  });
  const fees = priced.flatMap((job) => (job.fees === undefined ? [] : [job.fees]));
  return {
    networkDifficulty: mean(valid.map(({ networkDifficulty }) => networkDifficulty))!,
    coinsPerDifficulty: mean(priced.map(({ reward, networkDifficulty }) => reward / networkDifficulty)),
    reward: mean(priced.map(({ reward }) => reward)),
    fees: mean(fees),
    basis: priced.length === 0 ? undefined : priced.every(({ basis }) => basis === 'coinbase') ? 'coinbase' : 'subsidy',
  };
}

/** In whole coins; undefined for a job that does not say, or that pays nobody. */
function rewardOf(
  { coinbase1, coinbase2 }: JobSample,
  algorithm: Algorithm,
): { readonly reward: number; readonly fees: number | undefined; readonly basis: RewardBasis } | undefined {
  const { height, value } = readCoinbase(coinbase1, coinbase2);
  if (value !== undefined) {
    if (value === 0n) return undefined;
    const coins = Number(value) / UNITS_PER_COIN;
    // Only of bitcoin's own schedule it is known what is subsidy; another chain's blocks may pay less than that.
    const subsidy = height === undefined || algorithm !== 'sha256d' ? undefined : subsidyAt(height);
    const fees = subsidy === undefined || value < subsidy ? undefined : Number(value - subsidy) / UNITS_PER_COIN;
    return { reward: coins, fees, basis: 'coinbase' };
  }
  if (height === undefined || algorithm !== 'sha256d') return undefined;
  return { reward: Number(subsidyAt(height)) / UNITS_PER_COIN, fees: undefined, basis: 'subsidy' };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

// Vardiff: finds the difficulty at which a connection sends shares at the wanted pace, from nothing but their arrivals.
// A pure state machine: every function returns the next state (the same object when nothing changed), and a change of
// `difficulty` is what has to be sent. Send it with a job at once: a difficulty takes effect with the next notify only.
//
// Arrivals are a Poisson process, and each rule is strict enough that chance alone does not set it off:
// - at `reviewShares` shares or `reviewSeconds`, a pace outside the dead band moves the difficulty to where the pace fits;
// - until a first review finds the pace inside the band, reviews come three to four times as often;
// - a pace more than 5 times the wanted one is acted on after 10 shares (30 once settled), by at most 64 times;
// - silence lowers it: 9 expected gaps without a share happen by chance once in 8,000. Before a connection's first counted share,
//   when the guess is more likely wrong than the machine, 5 do (by chance once in 150), and each step divides by 4, 16, then 64;
//   after it, by 2 a minute, at most down to 1/1024 of what last fitted, so that a machine back from an outage does not flood the
//   pool.
// Only shares of the current difficulty count: those of earlier jobs say nothing about whether the present one fits.
import { MAX_DIFFICULTY, normalizeDifficulty } from './difficulty.ts';

export interface VardiffSettings {
  /** Pace aimed at. */
  readonly sharesPerMinute: number;
  readonly minDifficulty: number;
  readonly maxDifficulty: number;
  /** The pace may fall to this fraction of the wanted one before a review acts. */
  readonly deadBandLow: number;
  /** And rise to this multiple. */
  readonly deadBandHigh: number;
  readonly reviewShares: number;
  readonly reviewSeconds: number;
}

export const VARDIFF_DEFAULTS: VardiffSettings = {
  sharesPerMinute: 18,
  minDifficulty: 0.00001,
  maxDifficulty: MAX_DIFFICULTY,
  deadBandLow: 0.5,
  deadBandHigh: 1.5,
  reviewShares: 72,
  reviewSeconds: 240,
};

export interface VardiffState {
  /** The difficulty assigned now, normal (see difficulty.ts). */
  readonly difficulty: number;
  /** When the present window of observation began: at the last change or review, microseconds. */
  readonly sinceUs: number;
  /** When the last counted share came, or the window of silence began. */
  readonly quietSinceUs: number;
  /** Shares of the current difficulty in the window. */
  readonly shares: number;
  /** Steps of silence taken in a row. */
  readonly quietSteps: number;
  /** Difficulty at which shares last came, 0 before the first counted share. */
  readonly proven: number;
  /** Whether a review has found the pace inside the dead band since the last large change. */
  readonly settled: boolean;
  /** What the miner suggested last, 0 when nothing. */
  readonly suggested: number;
}

const MICROS = 1_000_000;
const URGENT_RATIO = 5;
const URGENT_SHARES = 10;
const URGENT_SHARES_SETTLED = 30;
const LARGEST_STEP = 64;
const QUIET_GAPS = 9;
/** A 5 MH/s miner that starts at 512 has its first share after 69 s at the median, with 9 gaps after 120 s; fewer would move machines that are well placed. */
const QUIET_GAPS_UNPROVEN = 5;
const QUIET_SECONDS_PROVEN = 60;
const QUIET_FLOOR = 1024;

/** @param difficulty brought within the settings' limits and normalized. */
export function vardiffStart(difficulty: number, nowUs: number, settings: VardiffSettings): VardiffState {
  return {
    difficulty: withinLimits(difficulty, settings),
    sinceUs: nowUs,
    quietSinceUs: nowUs,
    shares: 0,
    quietSteps: 0,
    proven: 0,
    settled: false,
    suggested: 0,
  };
}

/**
 * An accepted share came.
 * @param shareDifficulty the difficulty pinned to the share's job
 */
export function vardiffOnShare(
  state: VardiffState,
  shareDifficulty: number,
  nowUs: number,
  settings: VardiffSettings,
): VardiffState {
  if (shareDifficulty !== state.difficulty) return state;
  // Written out, since this runs for every share and copying by spread costs a microsecond.
  const { difficulty, sinceUs, settled, suggested } = state;
  const shares = state.shares + 1;
  const next = {
    difficulty,
    sinceUs,
    quietSinceUs: nowUs,
    shares,
    quietSteps: 0,
    proven: difficulty,
    settled,
    suggested,
  };
  return review(next, nowUs, settings);
}

/** Time passed; call it every few seconds for a connection with work. */
export function vardiffOnTick(state: VardiffState, nowUs: number, settings: VardiffSettings): VardiffState {
  const gapUs = (60 * MICROS) / settings.sharesPerMinute;
  // Before the first share silence says more about the guess than about the machine. At a wanted pace below 9 a minute, 9 gaps
  // are longer than the minute of silence that lowers a proven difficulty.
  const quietUs =
    state.proven === 0 ? QUIET_GAPS_UNPROVEN * gapUs : Math.max(QUIET_GAPS * gapUs, QUIET_SECONDS_PROVEN * MICROS);
  if (nowUs - state.quietSinceUs >= quietUs) return lowerForSilence(state, nowUs, settings);
  return review(state, nowUs, settings);
}

/**
 * The miner asked for a difficulty (mining.suggest_difficulty). A suggestion is followed once: tiny miners repeat theirs every
 * 30 s as a keepalive, and following each would undo what the pace has taught.
 */
export function vardiffOnSuggestion(
  state: VardiffState,
  difficulty: number,
  nowUs: number,
  settings: VardiffSettings,
): VardiffState {
  if (!(difficulty > 0) || difficulty === state.suggested) return state;
  return changed({ ...state, suggested: difficulty }, withinLimits(difficulty, settings), nowUs, false);
}

function review(state: VardiffState, nowUs: number, settings: VardiffSettings): VardiffState {
  const elapsedUs = Math.max(1, nowUs - state.sinceUs);
  // Half a share stands for none, as silence is no proof of a pace of zero.
  const pace = Math.max(state.shares, 0.5) / (elapsedUs / MICROS / 60) / settings.sharesPerMinute;
  const urgent = pace > URGENT_RATIO && state.shares >= (state.settled ? URGENT_SHARES_SETTLED : URGENT_SHARES);
  const reviewShares = state.settled ? settings.reviewShares : settings.reviewShares / 3;
  const reviewUs = (state.settled ? settings.reviewSeconds : settings.reviewSeconds / 4) * MICROS;
  const due = state.shares >= reviewShares || elapsedUs >= reviewUs;
  // With no share at all there is no pace to review; silence has its own rule.
  if (!urgent && (!due || state.shares === 0)) return state;
  if (pace >= settings.deadBandLow && pace <= settings.deadBandHigh) {
    return { ...state, sinceUs: nowUs, shares: 0, settled: true };
  }
  const factor = Math.min(LARGEST_STEP, Math.max(1 / LARGEST_STEP, pace));
  const wanted = withinLimits(state.difficulty * factor, settings);
  return wanted === state.difficulty
    ? { ...state, sinceUs: nowUs, shares: 0 }
    : changed(state, wanted, nowUs, factor < 4 && factor > 0.25);
}

function lowerForSilence(state: VardiffState, nowUs: number, settings: VardiffSettings): VardiffState {
  const wanted = withinLimits(easierAfterSilence(state), settings);
  if (wanted >= state.difficulty) return { ...state, sinceUs: nowUs, quietSinceUs: nowUs, shares: 0, settled: false };
  return { ...changed(state, wanted, nowUs, false), quietSteps: state.quietSteps + 1 };
}

function easierAfterSilence(state: VardiffState): number {
  const { difficulty, proven, quietSteps } = state;
  if (proven === 0) return difficulty / 4 ** Math.min(3, quietSteps + 1);
  // Nothing has come since a raise: it went too far, and the truth lies between the two.
  if (difficulty > proven) return Math.max(proven, difficulty / 8);
  return Math.max(proven / QUIET_FLOOR, difficulty / 2);
}

function changed(state: VardiffState, difficulty: number, nowUs: number, settled: boolean): VardiffState {
  if (difficulty === state.difficulty) return state;
  return { ...state, difficulty, sinceUs: nowUs, quietSinceUs: nowUs, shares: 0, settled };
}

/** Within limits, and one of at most eight values per doubling, so that the targets remembered per difficulty stay few. */
function withinLimits(difficulty: number, settings: VardiffSettings): number {
  const step = 2 ** (Math.floor(Math.log2(difficulty)) - 3);
  const rounded = Math.round(difficulty / step) * step;
  return normalizeDifficulty(Math.min(settings.maxDifficulty, Math.max(settings.minDifficulty, rounded)));
}

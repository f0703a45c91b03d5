// Evidence as a sentence, for a message that somebody reads on a telephone at night: what was seen, what was expected, since when.
import { unreachable } from '@assay/kernel';
import type { HashRate } from '@assay/rollup';
import type { Evidence } from './evidence.ts';

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'] as const;

/** Three significant digits: `104 TH/s`. */
export function hashRateText(hashRateHs: number): string {
  return `${scaled(hashRateHs)}H/s`;
}

/** In UTC: `2026-11-26 04:05 UTC`. */
export function minuteText(minute: number): string {
  return `${new Date(minute * 60_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function evidenceText(evidence: Evidence): string {
  const since = `since ${minuteText(evidence.sinceMinute)}`;
  switch (evidence.kind) {
    case 'rate': {
      const { observed, expectedHashRateHs, expectation, shares, expectedShares } = evidence;
      const expected = expectation === 'learned' ? 'of its own past' : 'expected';
      return (
        `${rateText(observed)} ${since}, ${percent(observed.hashRateHs / expectedHashRateHs)} of the ` +
        `${hashRateText(expectedHashRateHs)} ${expected}: ${count(shares)} shares where ${count(expectedShares)} were due. ` +
        `These shares are ${odds(evidence.logLikelihoodRatio)} times likelier at ${percent(evidence.factor)} than at the full rate.`
      );
    }
    case 'offline':
    case 'idle':
      return evidence.reason === 'disconnected'
        ? `Not connected ${since}.`
        : `No ${evidence.kind === 'idle' ? 'accepted ' : ''}share ${since}, ${minutes(evidence.silentSeconds)}; ` +
            `up to ${minutes(evidence.plausibleSeconds)} could be chance${evidence.kind === 'idle' ? '. It is connected' : ''}.`;
    case 'threshold':
      return (
        `${rateText(evidence.observed)} in the last minutes, below ${percent(evidence.belowFraction)} of the ` +
        `${hashRateText(evidence.expectedHashRateHs)} expected.`
      );
    case 'rejected':
      return (
        `${count(evidence.rejected)} of ${count(evidence.shares)} shares rejected ${since}: ${percent(evidence.fraction)} ` +
        `(95 % interval ${percent(evidence.lowFraction)} to ${percent(evidence.highFraction)}), where up to ` +
        `${percent(evidence.baselineFraction)} is usual.`
      );
    case 'flapping':
      return `Connected ${evidence.connects} times in ${evidence.windowMinutes} minutes.`;
    case 'latency':
      return `Latency of ${Math.round(evidence.latencyMs)} ms, above ${evidence.limitMs} ms ${since}.`;
    default:
      return unreachable(evidence);
  }
}

function rateText({ hashRateHs, lowHs, highHs }: HashRate): string {
  return `${hashRateText(hashRateHs)} (95 % interval ${hashRateText(lowHs)} to ${hashRateText(highHs)})`;
}

function scaled(value: number): string {
  const power = value < 1 ? 0 : Math.min(PREFIXES.length - 1, Math.floor(Math.log10(value) / 3 + 1e-9));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${PREFIXES[power]}`;
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function minutes(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds / 60));
  return whole === 1 ? 'a minute' : `${whole} minutes`;
}

/** e^llr to one digit: `100,000`. */
function odds(logLikelihoodRatio: number): string {
  const value = Math.exp(Math.min(logLikelihoodRatio, 30));
  return Number(value.toPrecision(1)).toLocaleString('en-US');
}

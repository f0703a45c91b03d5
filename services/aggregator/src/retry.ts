// Trying again until it succeeds: a database that is away must not lose a batch, and must not be hammered either.
import { AnalyticsError } from '@assay/analytics';
import { LogError } from '@assay/event-log';
import type { Trouble } from './trouble.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** What trying again cannot help is tried again all the same, rarely: somebody may repair it, and dropping it would lose shares. */
const HOPELESS_PAUSE_MS = 15_000;

/** Waits; resolves early when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const pause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

/** The partition was given up while a batch of it was still failing; it will be written again, whole, by whoever holds it next. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

export interface RetryPorts {
  readonly pause: Pause;
  /** Uniform in [0, 1): spreads retries of many partitions. */
  readonly random: () => number;
  readonly onRetry: (error: unknown, what: string, hopeless: boolean) => void;
  /** Kept up to date with what fails. */
  readonly trouble?: Pick<Trouble, 'failed' | 'over'>;
}

/** Runs `attempt` until it succeeds. Throws GivenUp when the signal aborts between attempts. */
export async function untilItSucceeds<T>(
  what: string,
  attempt: () => Promise<T>,
  signal: AbortSignal,
  ports: RetryPorts,
): Promise<T> {
  const work = Symbol(what);
  try {
    return await tryAgain(work, what, attempt, signal, ports);
  } finally {
    ports.trouble?.over(work);
  }
}

async function tryAgain<T>(
  work: symbol,
  what: string,
  attempt: () => Promise<T>,
  signal: AbortSignal,
  ports: RetryPorts,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (isFatal(error)) throw error;
      const hopeless = !isRetriable(error);
      ports.onRetry(error, what, hopeless);
      ports.trouble?.failed(work, what, error);
      if (signal.aborted)
        throw new GivenUp(`${what} had not succeeded when the partition was given up`, { cause: error });
      const longest = hopeless
        ? HOPELESS_PAUSE_MS
        : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 16));
      await ports.pause(longest * (0.5 + 0.5 * ports.random()), signal);
      if (signal.aborted)
        throw new GivenUp(`${what} had not succeeded when the partition was given up`, { cause: error });
    }
  }
}

function isRetriable(error: unknown): boolean {
  return (error instanceof AnalyticsError || error instanceof LogError) && error.retriable;
}

/** The log is closed or the partition belongs to another: nothing to wait for here. */
function isFatal(error: unknown): boolean {
  return error instanceof LogError && (error.code === 'closed' || error.code === 'fenced');
}

// Drives one partition's handler for as long as the partition is held. Every adapter restarts handlers in this one way: after a
// throw (reported) or an early return, following a pause, so reading resumes where the group committed. The pauses double from
// failure to failure up to a bound, so that a record nobody can process is no hot loop, and begin anew once there was progress.
import type { PartitionSession } from './event-log.ts';
import { HandlerProgress } from './handler-progress.ts';

export interface RestartPolicy {
  /** Pause before the first restart, milliseconds; each further one without progress in between doubles it. */
  readonly firstMs: number;
  /** Bound of a pause, milliseconds. */
  readonly longestMs: number;
  /** Uniform in [0, 1): what failed together, e.g. because a database went away, is not started again together. */
  readonly random: () => number;
  /** Waits, or until the signal aborts. */
  readonly pause: (pauseMs: number, signal: AbortSignal) => Promise<void>;
}

/** Resolves once `session.signal` has aborted and the handler has returned; never rejects. */
export async function runHandler(
  session: PartitionSession,
  handle: (session: PartitionSession) => Promise<void>,
  onError: (error: unknown) => void,
  policy: RestartPolicy,
): Promise<void> {
  const progress = new HandlerProgress();
  let runs = 0;
  while (!session.signal.aborted) {
    try {
      await handle(progress.watch(session, () => (runs = 0)));
    } catch (error) {
      onError(error);
    }
    runs++;
    if (!session.signal.aborted) await policy.pause(restartPauseMs(runs, policy), session.signal);
  }
}

/** @param runs since there was progress, at least 1. @returns between the half and the whole of what is due, so never a hot loop. */
export function restartPauseMs(runs: number, { firstMs, longestMs, random }: RestartPolicy): number {
  const dueMs = Math.min(longestMs, firstMs * 2 ** Math.min(runs - 1, 30));
  return dueMs * (0.5 + 0.5 * random());
}

// Drives one partition's handler for as long as the partition is held. Every adapter restarts handlers in this one way:
// after a throw (reported) or an early return, following a pause, on the same session, so reading resumes where the group committed.
import type { PartitionSession } from './event-log.ts';

/**
 * Resolves once `session.signal` has aborted and the handler has returned; never rejects.
 * @param pause waits a while, or until the signal aborts.
 */
export async function runHandler(
  session: PartitionSession,
  handle: (session: PartitionSession) => Promise<void>,
  onError: (error: unknown) => void,
  pause: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!session.signal.aborted) {
    try {
      await handle(session);
    } catch (error) {
      onError(error);
    }
    if (!session.signal.aborted) await pause(session.signal);
  }
}

// Two replays at once could put a record back twice. They are kept apart by a consumer group of their own: who holds the first
// partition of shares.dead may replay, the other waits. The log takes it from one that died.
import { TOPIC, type EventLog, type GroupMember } from '@assay/event-log';

const GROUP = 'dead-letters';
const PATIENCE_MS = 2_000;

/**
 * Runs `work` once no other replay is under way.
 * @param onWait told when that takes long
 * @param work gets a signal that aborts when the turn is lost all the same
 */
export async function oneAtATime<T>(
  log: EventLog,
  onWait: () => void,
  work: (turn: AbortSignal) => Promise<T>,
): Promise<T> {
  const patience = setTimeout(onWait, PATIENCE_MS);
  let member: GroupMember | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      let begun = false;
      const joined = log.join(
        GROUP,
        [TOPIC.sharesDead],
        async (session) => {
          if (session.partition === 0 && !begun) {
            begun = true;
            clearTimeout(patience);
            await work(session.signal).then(resolve, reject);
          }
          if (!session.signal.aborted)
            await new Promise<void>((ended) => session.signal.addEventListener('abort', () => ended()));
        },
        reject,
      );
      joined.then((got) => (member = got), reject);
    });
  } finally {
    clearTimeout(patience);
    await member?.close();
  }
}

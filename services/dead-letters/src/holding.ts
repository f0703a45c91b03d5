// Does something while holding a partition for a group, as its only member that does.
import type { EventLog, GroupMember, PartitionSession } from '@assay/event-log';

const PATIENCE_MS = 2_000;

/**
 * Runs `work` once the partition is held, then leaves the group.
 * @param onWait told when that takes long, as somebody else holds it
 * @param giveUpMs rejects when it is not held by then: a member that waits may be given partitions it does nothing with
 */
export async function holding<T>(
  log: EventLog,
  group: string,
  topic: string,
  partition: number,
  onWait: () => void,
  work: (session: PartitionSession) => Promise<T>,
  giveUpMs = Infinity,
): Promise<T> {
  const patience = setTimeout(onWait, PATIENCE_MS);
  let giveUp: NodeJS.Timeout | undefined;
  let member: GroupMember | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      let begun = false;
      if (giveUpMs !== Infinity) {
        giveUp = setTimeout(() => {
          if (!begun) reject(new Error(`another member of group ${group} holds ${topic}/${partition}`));
        }, giveUpMs);
      }
      const joined = log.join(
        group,
        [topic],
        async (session) => {
          if (session.partition === partition && !begun) {
            begun = true;
            clearTimeout(patience);
            await work(session).then(resolve, reject);
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
    clearTimeout(giveUp);
    await member?.close();
  }
}

// Whether the handler of a partition gets on: it does when it commits a position beyond any before, or finds nothing left to
// read of what it has not committed. Committing the same position again, as an aggregator does when it begins a batch anew, or
// reading a record again is no progress: a handler that fails on the same record for ever does both.
import type { PartitionSession } from './event-log.ts';

export class HandlerProgress {
  /** Highest offset committed over all runs of the handler. */
  #committed = -1;

  /** The session for one run of its handler; `onProgress` is called, perhaps often, whenever the handler gets on. */
  watch(session: PartitionSession, onProgress: () => void): PartitionSession {
    let handedOut = -1;
    return {
      topic: session.topic,
      partition: session.partition,
      signal: session.signal,
      committed: () => session.committed(),
      bounds: () => session.bounds(),
      read: async (offset, limits) => {
        const records = await session.read(offset, limits);
        if (records.length > 0) handedOut = records[records.length - 1]!.offset;
        else if (!session.signal.aborted && (handedOut === -1 || handedOut < this.#committed)) onProgress();
        return records;
      },
      commit: async (position) => {
        await session.commit(position);
        if (position.offset <= this.#committed) return;
        this.#committed = position.offset;
        onProgress();
      },
    };
  }
}

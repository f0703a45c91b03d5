// What makes the sink exactly once (DESIGN D5): the bounds of a batch are recorded with the group's position before anything
// of it is written, so a restart writes the same batch under the same tokens, and the store drops what it already has.
//
//   begin:  position = from, note { to }   the batch [from, to) is being written; a restart writes it again
//   finish: position = to,   note {}       it is all durable; a restart goes on after it
//
// The note also carries, per submitted partition, the highest source offset taken so far (verified-headers.ts of share-block),
// and a lineage drawn at the group's first commit: offsets of a log that was deleted and began anew are other batches.
import type { PartitionSession } from '@assay/event-log';
import { z } from 'zod';

/** Offsets from inclusive, to exclusive. */
export interface BatchBounds {
  readonly from: number;
  readonly to: number;
}

/** Highest source offset taken, by submitted partition. */
export type SourceMarks = Readonly<Record<string, number>>;

export interface Resumed {
  /** Next offset to read. */
  readonly next: number;
  /** Set when a batch was under way: write exactly [next, replayTo) before anything else. */
  readonly replayTo: number | undefined;
  readonly marks: SourceMarks;
  /** Set when the store lost what the group had written, up to this offset: it is written again from `next` on. */
  readonly lostFrom?: number;
}

const offset = z.number().int().nonnegative();
const noteSchema = z.strictObject({
  v: z.literal(1),
  lineage: z.string().min(1),
  to: offset.optional(),
  sources: z.record(z.string(), offset),
});

/** The note committed with a position is not ours. Guessing would count shares twice, so the partition stands still until someone looks. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code = 'bad_note';
  readonly retriable = false;
}

export class BatchLedger {
  readonly #session: PartitionSession;
  readonly #lineage: string;
  #begun: boolean;

  private constructor(session: PartitionSession, lineage: string, begun: boolean) {
    this.#session = session;
    this.#lineage = lineage;
    this.#begun = begun;
  }

  /** Names the history the partition's batches belong to; undefined before the first of them is begun. */
  get lineage(): string | undefined {
    return this.#begun ? this.#lineage : undefined;
  }

  /**
   * @param newLineage names the group's history of this partition if this is its beginning; one per process
   * @param storeIsEmpty asked when the group has finished batches under another process's lineage: whether none of them is in the store
   */
  static async open(
    session: PartitionSession,
    newLineage: string,
    storeIsEmpty: () => Promise<boolean>,
  ): Promise<{ ledger: BatchLedger; resumed: Resumed }> {
    const position = await session.committed();
    const { start } = await session.bounds();
    const fromStart = { next: start, replayTo: undefined, marks: {} };
    if (position === undefined) return { ledger: new BatchLedger(session, newLineage, false), resumed: fromStart };
    const note = parseNote(position.metadata, session);
    // Nothing below `start` can be written again, and a first batch that was only begun leaves an empty store too.
    if (position.offset > start && note.lineage !== newLineage && (await storeIsEmpty())) {
      return {
        ledger: new BatchLedger(session, newLineage, false),
        resumed: { ...fromStart, lostFrom: position.offset },
      };
    }
    const resumed = { next: position.offset, replayTo: note.to, marks: note.sources };
    return { ledger: new BatchLedger(session, note.lineage, true), resumed };
  }

  /** Records that the batch is about to be written. @param marks as they were before the batch */
  async begin({ from, to }: BatchBounds, marks: SourceMarks): Promise<void> {
    await this.#session.commit({ offset: from, metadata: this.#note(marks, to) });
    this.#begun = true;
  }

  /** Records that the batch is durable. @param marks as they are after it */
  async finish({ to }: BatchBounds, marks: SourceMarks): Promise<void> {
    await this.#session.commit({ offset: to, metadata: this.#note(marks) });
    this.#begun = true;
  }

  /** Names the batch in the store: the same batch always has the same name, and no other has it. */
  batchName({ from, to }: BatchBounds): string {
    return `${this.#session.topic}:${this.#session.partition}:${this.#lineage}:${from}-${to}`;
  }

  #note(sources: SourceMarks, to?: number): string {
    return JSON.stringify({ v: 1, lineage: this.#lineage, ...(to === undefined ? {} : { to }), sources });
  }
}

function parseNote(text: string, { topic, partition }: PartitionSession): z.infer<typeof noteSchema> {
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LedgerError(
      `the position of ${topic}:${partition} carries a note the aggregator does not understand: ${text}`,
      { cause },
    );
  }
}

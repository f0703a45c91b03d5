// Takes the oldest appends of a partition out, a bounded number in one transaction. A step is a compare-and-set on the partition's
// start, so several threads and processes may drop from the same partition: who loses drops nothing.
import { frameCount } from './frame.ts';
import { recordKey, startKey, type MetaKey, type Start, type Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

export interface Dropped {
  readonly appends: number;
  readonly records: number;
  readonly bytes: number;
}

const NOTHING: Dropped = { appends: 0, records: 0, bytes: 0 };
const SWEPT: MetaKey = ['swept'];

/**
 * Drops from the start of the partition while `goes` says so. Rejects with a LogError when that could not be written.
 * @param step appends dropped at most
 * @param goes told of each append: its frame, the bytes kept from it on, and the offset of its first record
 */
export async function dropOldest(
  store: Store,
  writer: TransactionWriter,
  partitionId: number,
  step: number,
  goes: (frame: Buffer, keptBytes: number, offset: number) => boolean,
): Promise<Dropped> {
  store.refresh();
  const head = store.head(partitionId);
  const start = store.start(partitionId);
  const drop: Buffer[] = [];
  let { offset, bytes } = start;
  while (drop.length < step && offset < head.end) {
    const key = recordKey(partitionId, offset);
    const frame = store.records.getBinaryFast(key);
    if (frame === undefined) break;
    const length = frame.length;
    if (!goes(frame, head.bytes - bytes, offset)) break;
    drop.push(key);
    offset += frameCount(frame);
    bytes += length;
  }
  if (drop.length === 0) return NOTHING;
  const next: Start = { offset, bytes };
  const won = await writer.guarded(startKey(partitionId), start.offset === 0 ? null : start.offset, () => {
    for (const key of drop) void store.records.remove(key);
    store.put(startKey(partitionId), next, offset);
  });
  return won ? { appends: drop.length, records: offset - start.offset, bytes: bytes - start.bytes } : NOTHING;
}

/** LMDB reuses what a transaction freed only once another has followed, which on a full disk an append could not be. */
export async function ageFreedPages(store: Store, writer: TransactionWriter, nowUs: number): Promise<void> {
  const last = store.entry(SWEPT)?.version;
  await writer.guarded(SWEPT, last ?? null, () => store.put(SWEPT, nowUs, (last ?? 0) + 1));
}

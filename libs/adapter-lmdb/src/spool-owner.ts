// A spool has one owner: two that drain the same one would put every record into the log twice. The owner is written down; whoever opens
// the spool while a process of this machine that certainly lives owns it is refused. What cannot be told (another boot, another container:
// the disk moved) counts as dead, since a disk that moves is let go by one before the next has it.
import { LogError } from '@assay/event-log';
import { isCertainlyAlive, ownProcess, type ProcessIdentity } from './process-identity.ts';
import type { MetaKey, Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

const OWNER: MetaKey = ['owner'];

/** Rejects with LogError 'unavailable', not retriable, while another owns it. */
export async function takeOwnership(store: Store, writer: TransactionWriter): Promise<void> {
  store.refresh();
  const held = store.entry<ProcessIdentity | null>(OWNER);
  const owner = held?.value ?? undefined;
  if (owner !== undefined && isCertainlyAlive(owner)) throw taken(store.dir, `process ${owner.pid}`);
  const version = (held?.version ?? 0) + 1;
  const won = await writer.guarded(OWNER, held?.version ?? null, () => store.put(OWNER, ownProcess(), version));
  if (!won) throw taken(store.dir, 'another process, since just now');
}

export async function giveUpOwnership(store: Store, writer: TransactionWriter): Promise<void> {
  const version = store.entry(OWNER)?.version ?? null;
  await writer.guarded(OWNER, version, () => store.put(OWNER, null, (version ?? 0) + 1));
}

const taken = (dir: string, by: string): LogError =>
  new LogError('unavailable', `the spool in ${dir} is in use by ${by}`, { retriable: false });

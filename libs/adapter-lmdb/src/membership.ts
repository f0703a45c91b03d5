// Who is in a consumer group. Each member owns one entry and bumps its version as a heartbeat; anybody removes the entry of a member that is dead or
// silent. Silence is measured by the observer's own monotonic clock, so a step of the wall clock expels nobody.
import { randomUUID } from 'node:crypto';
import type { MemberTopics } from '@assay/event-log';
import { isCertainlyDead, ownProcess, type ProcessIdentity } from './process-identity.ts';
import { memberKey, type Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

interface MemberEntry {
  readonly topics: readonly string[];
  readonly process: ProcessIdentity;
}

export class Membership {
  readonly id = randomUUID();
  readonly #store: Store;
  readonly #writer: TransactionWriter;
  readonly #group: string;
  readonly #entry: MemberEntry;
  readonly #heartbeatMs: number;
  readonly #timeoutMs: number;
  /** When each other member's heartbeat count was last seen to change. */
  #seen = new Map<string, { beat: number; atMs: number }>();
  #lastBeatMs = -Infinity;

  constructor(
    store: Store,
    writer: TransactionWriter,
    group: string,
    topics: readonly string[],
    heartbeatMs: number,
    timeoutMs: number,
  ) {
    this.#store = store;
    this.#writer = writer;
    this.#group = group;
    this.#entry = { topics, process: ownProcess() };
    this.#heartbeatMs = heartbeatMs;
    this.#timeoutMs = timeoutMs;
  }

  /** Says that this member lives, if that is due; enters it (again) when it has no entry. */
  async beat(nowMs: number): Promise<void> {
    const key = memberKey(this.#group, this.id);
    const beat = this.#store.entry<MemberEntry>(key)?.version;
    if (beat !== undefined && nowMs - this.#lastBeatMs < this.#heartbeatMs) return;
    await this.#writer.guarded(key, beat ?? null, () => {
      this.#store.put(key, this.#entry, (beat ?? 0) + 1);
      if (beat === undefined) this.#store.touchGroup(this.#group);
    });
    this.#lastBeatMs = nowMs;
  }

  /** The living members of the group. Entries of the dead are removed on the way. */
  async living(nowMs: number): Promise<MemberTopics[]> {
    const living: MemberTopics[] = [];
    const seen = new Map<string, { beat: number; atMs: number }>();
    const dead: { id: string; beat: number }[] = [];
    const range = { start: ['member', this.#group], end: ['member', this.#group, '\uffff'], versions: true };
    for (const { key, value, version } of this.#store.meta.getRange(range)) {
      const id = String(key[2]);
      const { topics, process } = value as MemberEntry;
      const beat = version ?? 0;
      const last = this.#seen.get(id);
      const atMs = last?.beat === beat ? last.atMs : nowMs;
      if (id !== this.id && (nowMs - atMs > this.#timeoutMs || isCertainlyDead(process))) dead.push({ id, beat });
      else living.push({ id, topics });
      seen.set(id, { beat, atMs });
    }
    this.#seen = seen;
    await Promise.all(dead.map(({ id, beat }) => this.#remove(id, beat)));
    return living;
  }

  async leave(): Promise<void> {
    this.#store.refresh();
    const beat = this.#store.entry(memberKey(this.#group, this.id))?.version;
    if (beat !== undefined) await this.#remove(this.id, beat);
  }

  #remove(id: string, beat: number): Promise<boolean> {
    const key = memberKey(this.#group, id);
    return this.#writer.guarded(key, beat, () => {
      this.#store.remove(key);
      this.#store.touchGroup(this.#group);
    });
  }
}

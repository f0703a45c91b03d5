// Who did what to an object, and when: where in the log the changes of each object stand, and how to read them again.
// Memory: 8 bytes a change, of each object the newest MAX_REMEMBERED; older ones stay in the log, but are found there no more.
import { TOPIC, type EventLog } from '@assay/event-log';
import type { Actor, Changed, ChangeRecord, ControlKind } from '@assay/tenancy';

const MAX_REMEMBERED = 1000;
const PARTITION = 0;
const ONE = { maxRecords: 1, maxBytes: 1, waitMs: 0 } as const;

export interface HistoryEntry {
  readonly atUs: number;
  readonly by: Actor;
  readonly note: string | undefined;
  /** Place of the record in the log; its newest change names the entry for good. */
  readonly offset: number;
  /** What the object was afterwards, as it was put; undefined when it was removed. */
  readonly body: unknown;
}

export class ObjectHistory {
  readonly #offsets = new Map<string, number[]>();

  remember(offset: number, changed: readonly Changed[]): void {
    for (const { kind, id } of changed) {
      const name = `${kind} ${id}`;
      const offsets = this.#offsets.get(name);
      if (offsets === undefined) this.#offsets.set(name, [offset]);
      else if (offsets.at(-1) !== offset) {
        offsets.push(offset);
        if (offsets.length > MAX_REMEMBERED) offsets.shift();
      }
    }
  }

  async of(log: EventLog, kind: ControlKind, id: string, limit: number): Promise<readonly HistoryEntry[]> {
    const offsets = this.#offsets.get(`${kind} ${id}`)?.slice(-limit).reverse() ?? [];
    const entries: HistoryEntry[] = [];
    for (const offset of offsets) {
      const [record] = await log.readFrom(TOPIC.control, PARTITION, offset, ONE);
      // Retention may have taken it meanwhile: then a later record comes.
      if (record?.offset !== offset) continue;
      const { by, note, changes } = JSON.parse(Buffer.from(record.value).toString('utf8')) as ChangeRecord;
      const last = changes.findLast((change) => change.kind === kind && change.id === id);
      const body = last?.op === 'put' ? last.body : undefined;
      entries.push({ atUs: record.timestampUs, by, note, offset, body });
    }
    return entries;
  }
}

// The audit log as CSV, newest first: a change a line, with what it was of each field and is since.
import { AUDIT_ENUMS, changeValue, seenChanges } from '../resolvers/audit/audit-queries.ts';
import { csvTime } from './csv.ts';
import { csvTable } from './csv-table.ts';
import { actorName, mapped } from './entry-tables.ts';

/** As many as are remembered. */
const MAX_CHANGES = 100_000;
const DEFAULT_CHANGES = 10_000;

export const changesCsv = csvTable({
  name: 'changes',
  rowsFor: ({ params, control, viewer }) => {
    const limit = params.whole('limit', 1, MAX_CHANGES, DEFAULT_CHANGES);
    const kind = params.oneOf('kind', Object.keys(AUDIT_ENUMS.EntryKind));
    const filter = {
      kinds: kind === undefined ? null : [AUDIT_ENUMS.EntryKind[kind]!],
      objectId: params.text('object'),
      tenant: params.text('tenant'),
      by: params.text('by'),
      search: params.text('q'),
      from: params.time('from'),
      to: params.time('to'),
    };
    // All of them before the first is sent: the oldest are forgotten meanwhile.
    const seen = [...firstOf(seenChanges(control, viewer, filter), limit)];
    return { count: seen.length, rows: mapped(seen, (change) => changeValue(control.state, viewer, change)) };
  },
  columns: {
    at: ({ at }) => csvTime(at),
    by_kind: ({ by }) => by.kind,
    by: ({ by }) => actorName(by),
    operation: ({ operation }) => operation,
    kind: ({ kind }) => kind,
    object: ({ objectId }) => objectId,
    object_name: ({ objectName }) => objectName,
    version: ({ version }) => version,
    note: ({ note }) => note,
    fields: ({ fields }) =>
      fields()
        .map(({ field, before, after }) => `${field}: ${before ?? 'none'} -> ${after ?? 'none'}`)
        .join('\n'),
  },
});

function* firstOf<Item>(items: Iterable<Item>, limit: number): Iterable<Item> {
  let left = limit;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}

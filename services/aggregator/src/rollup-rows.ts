// A rollup's deltas as rows of `rollup_1m`, `rollup_1h` or `rollup_1d`.
import { REJECT_REASONS } from '@assay/mining';
import type { Rollup } from '@assay/rollup';
import { WORK_SCALE, workUnits } from '@assay/rollup';
import type { ArrowRows, Columns } from './arrow-stream.ts';
import {
  arrowStream,
  decimalColumn,
  dictionaryColumn,
  float64Column,
  mask64Column,
  nullableMicrosColumn,
  secondsColumn,
  uint32Column,
  uint64Column,
} from './arrow-stream.ts';

export type RollupTable = 'rollup_1m' | 'rollup_1h' | 'rollup_1d';

export function rollupRows(table: RollupTable, rollup: Rollup): ArrowRows {
  const rows = rollup.size;
  const range = Array.from({ length: rows }, (_, row) => row);
  const used = <A extends Float64Array | Uint32Array>(column: A): A => column.subarray(0, rows) as A;
  // The group's strings are stored once each, and rows refer to them by group.
  const named = (pick: (group: Rollup['groups'][number]) => string): Columns[string] => {
    const codeOf = new Map<string, number>();
    const ofGroup = rollup.groups.map((group) => {
      const value = pick(group);
      let code = codeOf.get(value);
      if (code === undefined) codeOf.set(value, (code = codeOf.size));
      return code;
    });
    const codes = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) codes[row] = ofGroup[rollup.group[row]!]!;
    return dictionaryColumn(codes, [...codeOf.keys()]);
  };
  const accepted = used(rollup.accepted);
  const hasAccepted = (row: number): boolean => accepted[row]! > 0;
  const columns: Record<string, Columns[string]> = {
    tenant: named((group) => group.tenant),
    worker: named((group) => group.worker),
    algorithm: named((group) => group.algorithm),
    at: secondsColumn(used(rollup.startUs)),
    accepted: uint64Column(accepted),
    rejected: uint64Column(range.map((row) => rollup.rejectedTotal(row))),
  };
  REJECT_REASONS.forEach((reason, code) => {
    if (reason === '') return;
    columns[`rejected_${reason}`] = uint64Column(
      range.map((row) => rollup.rejected[row * REJECT_REASONS.length + code]!),
    );
  });
  columns['work'] = decimalColumn(
    range.map((row) => workUnits(rollup.work, row)),
    WORK_SCALE,
  );
  columns['work_squared'] = float64Column(used(rollup.workSquared));
  columns['best_share'] = float64Column(used(rollup.bestShare));
  columns['first_share'] = nullableMicrosColumn(used(rollup.firstAcceptedUs), hasAccepted);
  columns['last_share'] = nullableMicrosColumn(used(rollup.lastAcceptedUs), hasAccepted);
  if (table === 'rollup_1h') columns['active_minutes'] = mask64Column(used(rollup.activeLow), used(rollup.activeHigh));
  if (table === 'rollup_1d') columns['active_hours'] = uint32Column(used(rollup.activeLow));
  return arrowStream(columns);
}

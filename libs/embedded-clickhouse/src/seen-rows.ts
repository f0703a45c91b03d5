// What somebody who may not see every row gets instead of the database `assay`: a database of views by the same names, which read it as a user
// whose row policies let through what a setting of the session says. The policies are ClickHouse's own, so they come before any condition of
// the statement: a filter that only stands beside it would run the statement's functions on rows that are not to be seen, and tell of them in
// its errors. Invariant: a session that says nothing sees nothing; a table without a rule has no view.
import { ROW_RULES, rowConditionOver, visibilityValues, type VisibilityExpressions } from '@assay/analytics';
import type { Visibility } from '@assay/tenancy';
import { SEEN_BY, SEEN_DATABASE, SEEN_SETTING } from './seen-names.ts';

/** As the session's setting has it. */
export function seenText(visibility: Visibility): string {
  return JSON.stringify(visibilityValues(visibility));
}

function field(name: keyof VisibilityExpressions, type: string): string {
  return `JSONExtract(getSetting('${SEEN_SETTING}'), '${name}', '${type}')`;
}

const SEEN: VisibilityExpressions = {
  everyWorker: field('everyWorker', 'UInt8'),
  pool: field('pool', 'UInt8'),
  tenants: field('tenants', 'Array(String)'),
  sites: field('sites', 'Array(String)'),
  siteTenants: field('siteTenants', 'Array(String)'),
  heldTenants: field('heldTenants', 'Array(String)'),
  heldKeys: field('heldKeys', 'Array(String)'),
  heldFrom: field('heldFrom', 'Array(Int64)'),
  heldUntil: field('heldUntil', 'Array(Int64)'),
  heldTimes: field('heldTimes', 'UInt32'),
};

/** By table of `assay`. */
export function seenPolicies(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(ROW_RULES).map((table) => [table, rowConditionOver(table, SEEN)]));
}

interface Catalogue {
  /** Runs a statement and answers with its text. */
  run(sql: string): string;
}

/** Keeps the views as the tables are: made when the first statement needs them, and again when a migration has changed a table. */
export class SeenViews {
  readonly #catalogue: Catalogue;
  #madeOf = '';

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  keep(): void {
    const { run } = this.#catalogue;
    const ours = `database = 'assay' AND table IN ('${Object.keys(ROW_RULES).join("', '")}')`;
    const tables = run(`
      SELECT table, engine IN ('AggregatingMergeTree', 'ReplacingMergeTree') ? ' FINAL' : '', stored, worked_out
      FROM (SELECT table,
                   arrayStringConcat(groupArrayIf(concat('\`', name, '\`'), default_kind != 'ALIAS'), ', ') AS stored,
                   arrayStringConcat(groupArrayIf(concat(', ', default_expression, ' AS \`', name, '\`'), default_kind = 'ALIAS')) AS worked_out
            FROM (SELECT * FROM system.columns WHERE ${ours} ORDER BY table, position) GROUP BY table) AS c
      JOIN (SELECT name AS table, engine FROM system.tables WHERE database = 'assay') AS t USING (table)
      ORDER BY table FORMAT TabSeparatedRaw`);
    if (tables === this.#madeOf) return;
    run(`CREATE DATABASE IF NOT EXISTS ${SEEN_DATABASE} ENGINE = Atomic`);
    for (const line of tables.split('\n').filter((text) => text !== '')) {
      const [table, final, stored, workedOut = ''] = line.split('\t');
      // FINAL here, since ClickHouse reads past the word behind the name of a view without a sign: rows that merges would join are joined for
      // everybody. Columns that are worked out of others are so after that: read together with FINAL, a part of a tuple is that of any row.
      run(
        `CREATE OR REPLACE VIEW ${SEEN_DATABASE}.${table} DEFINER = ${SEEN_BY} SQL SECURITY DEFINER AS SELECT *${workedOut} FROM (SELECT ${stored} FROM assay.${table}${final})`,
      );
    }
    this.#madeOf = tables;
  }
}

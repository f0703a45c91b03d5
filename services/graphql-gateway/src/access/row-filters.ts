// What a query of ours gets to see of the tables it reads, for a viewer: worked out from the query itself, so that no query has to say it and
// none can forget it. Invariant: a query that reads what has no rule, or by a way that filters do not reach, is not run for a viewer whose
// sight is limited. Whoever adds such a query finds out by the first test that asks it as a customer.
import { ROW_RULES, rowCondition, VIEWS } from '@assay/analytics';
import type { Visibility } from '@assay/tenancy';
import { ClientError } from '../errors.ts';
import type { NamedQuery } from '../queries/store-reader.ts';

/** ClickHouse takes settings in the URL, of 1 MiB at most by default. */
const MAX_FILTER_LENGTH = 250_000;

const QUALIFIED_TABLE = /\bassay\.(\w+)/g;
/** What stands where a table does: anything but a bracket or a parameter. */
const TABLE_PLACE = /\b(?:FROM|JOIN)\s+([^\s(]+)/gi;
/** Functions that read tables by their names. */
const READING_FUNCTION =
  /\b(merge|loop|remote\w*|cluster\w*|dictionary|dictGet\w*|dictHas|joinGet\w*|url|file|s3|mysql|postgresql)\s*\(/i;

const tablesOfQueries = new WeakMap<NamedQuery, readonly string[]>();

/** Conditions by table; undefined when the viewer may see all that the query reads. */
export function rowFiltersOf(query: NamedQuery, visibility: Visibility): Readonly<Record<string, string>> | undefined {
  if (visibility.everything) return undefined;
  const filters: Record<string, string> = {};
  let length = 0;
  for (const table of tablesOf(query)) {
    if (query.lookups?.includes(table)) continue;
    const condition = rowCondition(table, visibility);
    if (condition === undefined) continue;
    filters[table] = condition;
    length += condition.length;
  }
  if (length > MAX_FILTER_LENGTH)
    throw new ClientError(
      'QUERY_TOO_COMPLEX',
      'What you see consists of too many separate workers for questions about history. Ask the operator to group them by site or rack.',
    );
  return filters;
}

/** With those that its views read. Throws when it cannot be told what the query reads. */
function tablesOf(query: NamedQuery): readonly string[] {
  const known = tablesOfQueries.get(query);
  if (known !== undefined) return known;
  const { name, sql } = query;
  const hidden = READING_FUNCTION.exec(sql)?.[1];
  if (hidden !== undefined)
    throw new Error(`the query ${name} reads by the function ${hidden}, which no filter reaches`);
  for (const [, place = ''] of sql.matchAll(TABLE_PLACE))
    if (!place.startsWith('assay.')) throw new Error(`the query ${name} reads ${place}, which no rule is about`);
  const named = [...sql.matchAll(QUALIFIED_TABLE)].map(([, table = '']) => table);
  const tables = [...new Set(named.flatMap((table) => [table, ...(VIEWS[table] ?? [])]))];
  const stranger = tables.find((table) => !Object.hasOwn(ROW_RULES, table));
  if (stranger !== undefined) throw new Error(`the query ${name} reads assay.${stranger}, which no rule is about`);
  tablesOfQueries.set(query, tables);
  return tables;
}

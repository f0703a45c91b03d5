// What SQL from outside may do. Three fences, each enough for most attacks: the session holds only the role `outside` and is
// readonly (ClickHouse refuses), the statement is one read by ClickHouse's own classifier, and its tree uses only what is listed here.
// Lists say what is allowed: what a new engine version adds is refused until someone has looked at it.
import { failure } from './clickhouse-error.ts';
import type { AstNode, Inspection } from './inspect-statement.ts';
import { QUERY_CLASS } from './native.ts';

export interface OutsidePolicy {
  /** Lower-case names of the functions allowed in expressions. */
  readonly functions: ReadonlySet<string>;
  /** Lower-case names of aggregate functions; any combinator may follow one. */
  readonly aggregates: ReadonlySet<string>;
  readonly combinators: readonly string[];
}

/** Categories of system.functions that only compute on their arguments. */
const COMPUTING = new Set([
  'Arithmetic', 'Arrays', 'Bit', 'Bitmap', 'Comparison', 'Conditional', 'Dates and Times', 'Distance', 'Encoding', 'Financial', 'Geo',
  'Geo Polygon', 'Hash', 'IP Address', 'JSON', 'Logical', 'Map', 'Mathematical', 'Null', 'NumericIndexedVector', 'QBit', 'Random Number',
  'Rounding', 'String', 'String Replacement', 'String Search', 'String Splitting', 'Time Window', 'Tuple', 'Type Conversion', 'URL', 'UUID',
]); // prettier-ignore

/** Members of the other categories that only compute, or tell what everyone may know. */
const COMPUTING_OTHERS = [
  '_CAST', 'bar', 'blockNumber', 'byteSize', 'caseWithExpression', 'countDigits', 'currentDatabase', 'currentUser', 'defaultValueOfTypeName',
  'displayName', 'finalizeAggregation', 'formatReadableDecimalSize', 'formatReadableQuantity', 'formatReadableSize', 'formatReadableTimeDelta',
  'identity', 'ignore', 'indexHint', 'initializeAggregation', 'isConstant', 'isDecimalOverflow', 'materialize', 'neighbor', 'parseReadableSize',
  'parseReadableSizeOrNull', 'parseReadableSizeOrZero', 'parseTimeDelta', 'rowNumberInAllBlocks', 'rowNumberInBlock', 'runningAccumulate',
  'runningDifference', 'runningDifferenceStartingWithFirstValue', 'throwIf', 'toColumnTypeName', 'toTypeName', 'transform', 'tupleElement',
  'variantElement', 'variantType', 'version', 'visibleWidth', 'getSubcolumn', 'seriesDecomposeSTL', 'seriesOutliersDetectTukey', 'digits',
]; // prettier-ignore

/** Names the parser gives to syntax. */
const SYNTAX = ['lambda', 'exists', 'grouping', 'untuple', 'countDistinct', 'countdistinctif', 'viewif'];

/** Table functions that read nothing but their arguments. */
const TABLE_FUNCTIONS = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'generateseries',
  'generate_series',
  'values',
  'view',
  'null',
  'primes',
]);

/** Tables of `system` that describe the schema and the dialect, which Grafana and clients read. Never a query, a path or a user. */
const SYSTEM_TABLES = new Set([
  'aggregate_function_combinators', 'collations', 'columns', 'contributors', 'data_type_families', 'databases', 'formats', 'functions', 'keywords',
  'licenses', 'numbers', 'numbers_mt', 'one', 'settings', 'table_engines', 'table_functions', 'tables', 'time_zones', 'zeros', 'zeros_mt',
  'primes', 'data_skipping_indices', 'projections', 'dictionaries', 'build_options',
]); // prettier-ignore

/** Where rows are kept from the statement: plans and estimates would tell how many there are, and how they are kept. */
const LIMITED_ROOTS = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'ShowTables',
  'ShowColumns',
  'ShowFunctions',
  'DescribeQuery',
  'ExistsTableQuery',
  'ExistsViewQuery',
  'ExistsDatabaseQuery',
]);

const ROOTS = new Set([
  'SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'ShowTables', 'ShowColumns', 'ShowFunctions', 'ShowCreateTableQuery', 'ShowCreateViewQuery',
  'ShowCreateDatabaseQuery', 'DescribeQuery', 'ExistsTableQuery', 'ExistsViewQuery', 'ExistsDatabaseQuery', 'Explain', 'ShowSetting',
]); // prettier-ignore

/** These hide expressions: they are not shown as children. Without a bracket in the text there is nothing to hide. */
const HIDING_ROOTS = new Set(['ShowTables', 'ShowColumns', 'ShowFunctions']);

/** Every kind of node that may stand below the root, each of which shows all it holds. ColumnsApplyTransformer does not, so it is missing. */
const NODES = new Set([
  'SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'SelectQuery', 'ExpressionList', 'Identifier', 'Literal', 'Function', 'TableExpression',
  'TablesInSelectQuery', 'TablesInSelectQueryElement', 'TableIdentifier', 'TableJoin', 'Asterisk', 'QualifiedAsterisk', 'Subquery', 'OrderByElement',
  'ColumnsTransformerList', 'ColumnsExceptTransformer', 'ColumnsReplaceTransformer', 'ColumnsReplaceTransformer::Replacement', 'ColumnsRegexpMatcher',
  'ColumnsListMatcher', 'QualifiedColumnsRegexpMatcher', 'QualifiedColumnsListMatcher', 'WithElement', 'WindowDefinition', 'WindowListElement', 'Set',
  'SampleRatio', 'InterpolateElement', 'ArrayJoin', 'StorageOrderByElement', 'Explain',
]); // prettier-ignore

export interface FunctionRow {
  readonly name: string;
  readonly is_aggregate: number;
  readonly alias_to: string;
  readonly categories: string;
}

/** The policy for this engine's own catalogue of functions. An alias is allowed when what it stands for is. */
export function outsidePolicy(
  functions: readonly FunctionRow[],
  tableFunctions: readonly string[],
  combinators: readonly string[],
): OutsidePolicy {
  const named = new Set(COMPUTING_OTHERS.map((name) => name.toLowerCase()));
  const allowedByItself = new Set(
    functions
      .filter((row) => !row.is_aggregate && (COMPUTING.has(row.categories) || named.has(row.name.toLowerCase())))
      .map((row) => row.name),
  );
  const aggregateNames = new Set(functions.filter((row) => row.is_aggregate).map((row) => row.name));
  const allowed = new Set(SYNTAX.map((name) => name.toLowerCase()));
  for (const name of allowedByItself) allowed.add(name.toLowerCase());
  const aggregates = new Set([...aggregateNames].map((name) => name.toLowerCase()));
  for (const row of functions) {
    if (allowedByItself.has(row.alias_to)) allowed.add(row.name.toLowerCase());
    if (aggregateNames.has(row.alias_to)) aggregates.add(row.name.toLowerCase());
  }
  // A name that is also a table function is allowed nowhere by accident of position.
  for (const name of tableFunctions) if (!TABLE_FUNCTIONS.has(name.toLowerCase())) allowed.delete(name.toLowerCase());
  return { functions: allowed, aggregates, combinators: combinators.map((name) => name.toLowerCase()) };
}

/** Fails with ACCESS_DENIED or READONLY, naming what was refused. @param limited whether rows are kept from the statement */
export function checkOutside(policy: OutsidePolicy, sql: string, statement: Inspection, limited: boolean): void {
  if (statement.queryClass !== QUERY_CLASS.readOnly || !ROOTS.has(statement.root)) {
    throw failure(
      'READONLY',
      `Cannot execute query in readonly mode: only SELECT, SHOW TABLES, SHOW COLUMNS, SHOW CREATE, DESCRIBE, EXISTS and EXPLAIN are allowed.`,
    );
  }
  if (limited && !LIMITED_ROOTS.has(statement.root))
    throw refused(`the statement ${statement.root} with a key of a tenant`);
  if (HIDING_ROOTS.has(statement.root) && sql.includes('('))
    throw refused('a bracket in a SHOW statement; select from system.tables or system.columns instead');
  statement.nodes.forEach((node, index) => {
    if (index > 0 && !NODES.has(node.kind)) throw refused(`the syntax ${node.kind}`);
    // What is seen is carried by a setting, which readonly protects; this is the second fence.
    if (limited && node.kind === 'Set') throw refused('the clause SETTINGS with a key of a tenant');
    if (limited && node.kind === 'Explain') throw refused('the statement EXPLAIN with a key of a tenant');
    if (node.kind === 'Function') checkFunction(policy, node, parentOf(statement.nodes, index));
    else if (node.kind === 'TableIdentifier' || node.kind === 'Identifier') checkIdentifier(node, limited);
    else if (node.kind === 'Explain' && !/^EXPLAIN( (AST|SYNTAX|PLAN|PIPELINE|ESTIMATE|QUERY TREE))?$/.test(node.text))
      throw refused(`the statement ${node.text}`);
  });
}

function checkFunction(policy: OutsidePolicy, node: AstNode, parent: AstNode | undefined): void {
  const name = node.text.replace(/ \(alias .*$/, '');
  const key = name.toLowerCase();
  if (parent?.kind === 'TableExpression') {
    if (!TABLE_FUNCTIONS.has(key)) throw refused(`the table function ${name}`);
  } else if (!policy.functions.has(key) && !TABLE_FUNCTIONS.has(key) && !isAggregate(policy, key)) {
    throw refused(`the function ${name}`);
  }
}

function isAggregate(policy: OutsidePolicy, key: string): boolean {
  if (policy.aggregates.has(key)) return true;
  return policy.combinators.some(
    (combinator) => key.endsWith(combinator) && isAggregate(policy, key.slice(0, -combinator.length)),
  );
}

/** Tables of `system` appear as table names, and as plain names behind IN. */
function checkIdentifier(node: AstNode, limited: boolean): void {
  const [database, table] = node.text.replace(/ \(alias .*$/, '').split('.');
  if (limited && node.kind === 'TableIdentifier' && database === 'assay' && table !== undefined)
    throw refused(`assay.${table} with a key of a tenant, which reads ${table} without its database,`);
  if (database?.toLowerCase() === 'system' && table !== undefined && !SYSTEM_TABLES.has(table))
    throw refused(`the table system.${table}`);
}

function parentOf(nodes: readonly AstNode[], index: number): AstNode | undefined {
  const depth = nodes[index]!.depth;
  for (let i = index - 1; i >= 0; i--) if (nodes[i]!.depth < depth) return nodes[i];
  return undefined;
}

function refused(what: string): Error {
  return failure('ACCESS_DENIED', `Not enough privileges: ${what} is not allowed from outside.`);
}

// What a statement is, told by ClickHouse's own parser: its classifier counts statements and classes them, EXPLAIN AST shows the
// tree with its parameters put in. A name with a line break in it can only add lines to that tree, never hide one.
import { ClickHouseFailure, failure, failureFrom } from './clickhouse-error.ts';
import { QUERY_CLASS } from './native.ts';

export interface AstNode {
  /** Number of ancestors. */
  readonly depth: number;
  /** First word of the line, e.g. `Function`. */
  readonly kind: string;
  /** The rest without counts of children, e.g. `toHour (alias h)`. */
  readonly text: string;
}

/** Statements that answer with rows and change nothing, by the root of their tree. */
const READING_ROOTS = new Set([
  'SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'ShowTables', 'ShowColumns', 'ShowFunctions', 'ShowCreateTableQuery',
  'ShowCreateViewQuery', 'ShowCreateDatabaseQuery', 'ShowCreateDictionaryQuery', 'ShowGrantsQuery', 'ShowProcesslistQuery',
  'ShowEngineQuery', 'ShowAccessQuery', 'ShowSetting', 'DescribeQuery', 'ExistsTableQuery', 'ExistsViewQuery', 'ExistsDatabaseQuery',
  'ExistsDictionaryQuery', 'Explain', 'CheckQuery', 'SHOW',
]); // prettier-ignore

export interface Inspection {
  readonly queryClass: number;
  readonly nodes: readonly AstNode[];
  readonly root: string;
  /** The answer's format when the statement names one. */
  readonly format: string | undefined;
  /** The statement is a SELECT, whose answer may be streamed. */
  readonly select: boolean;
  /** The statement answers with rows. */
  readonly reading: boolean;
}

interface Parser {
  classify(sql: string): Promise<{ readonly statementCount: number; readonly queryClass: number }>;
  run(sql: string): Promise<string>;
}

/** Fails with SYNTAX_ERROR when the text is not exactly one statement, and where one would write files of this machine. */
export async function inspectStatement(parser: Parser, sql: string): Promise<Inspection> {
  const { statementCount, queryClass } = await parser.classify(sql);
  if (statementCount === 0 && sql.trim() === '') throw failure('SYNTAX_ERROR', 'Syntax error: empty query.');
  if (statementCount > 1)
    throw failure(
      'SYNTAX_ERROR',
      `Syntax error: ${statementCount} statements in one request (multi-statements are not allowed).`,
    );
  const nodes = parseAst(await explain(parser, sql));
  const root = nodes[0]?.kind ?? '';
  const select = root === 'SelectWithUnionQuery' || root === 'SelectIntersectExceptQuery';
  if (select && queryClass === QUERY_CLASS.control)
    throw failure(
      'NOT_IMPLEMENTED',
      'INTO OUTFILE writes a file of the client: take the answer from the response instead.',
    );
  const children = nodes.filter((node) => node.depth === 1);
  const format = select ? children.findLast((node) => node.kind === 'Identifier')?.text : undefined;
  return { queryClass, nodes, root, format, select, reading: READING_ROOTS.has(root) };
}

const EXPLAIN = 'EXPLAIN AST ';

/** Positions in a message of the parser are moved to where they are in the statement as it was sent. */
async function explain(parser: Parser, sql: string): Promise<string> {
  try {
    return await parser.run(EXPLAIN + sql);
  } catch (error) {
    const { code, message } = failureFrom(error);
    throw new ClickHouseFailure(
      code,
      message.replace(
        /failed at position (\d+)/,
        (_, at: string) => `failed at position ${Number(at) - EXPLAIN.length}`,
      ),
      error,
    );
  }
}

function parseAst(tree: string): AstNode[] {
  return tree.split('\n').flatMap((line) => {
    const match = /^( *)(\S+) ?(.*)$/.exec(line);
    if (!match) return [];
    return [{ depth: match[1]!.length, kind: match[2]!, text: match[3]!.replace(/ \(children \d+\)$/, '').trim() }];
  });
}

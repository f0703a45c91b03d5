// Users of a ClickHouse server for direct SQL, one per API key that may read, as statements. A key's password is the key itself: the control log
// holds its SHA-256, which is what ClickHouse keeps. Each reads the tables that have a rule, by name, and of them the rows that its row policies
// let through. Invariant: a user that does not see everything has a policy on every table it may read, before it may read it.
import type { Visibility } from '@assay/tenancy';
import { quoted, ROW_RULES, rowCondition } from './row-conditions.ts';

export interface SqlUser {
  /** The API key's id. */
  readonly id: string;
  /** SHA-256 of its token, hex. */
  readonly tokenHash: string;
  /** First moment at which it does not hold any more, microseconds since 1970. */
  readonly expiresAtUs: number | undefined;
  readonly visibility: Visibility;
}

export interface SqlUserLimits {
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly queriesPerHour: number;
  readonly secondsPerHour: number;
}

export const SQL_USER_LIMITS: SqlUserLimits = {
  seconds: 30,
  memoryBytes: 2 ** 30,
  queriesPerHour: 1000,
  secondsPerHour: 900,
};

/** Users of this tool begin with it; others are left alone. */
export const SQL_USER_PREFIX = 'assay_key_';

const ROLE = 'assay_sql_reader';

/** In the order they are to be run. @param existing names of users the server has; those of keys that are gone are dropped first */
export function sqlUserStatements(
  users: readonly SqlUser[],
  existing: readonly string[] = [],
  limits: SqlUserLimits = SQL_USER_LIMITS,
): string[] {
  const names = new Set(users.map(({ id }) => nameOf(id)));
  const gone = existing.filter((name) => name.startsWith(SQL_USER_PREFIX) && !names.has(name));
  return [
    // A dropped user's policies are nobody's and let nothing through.
    ...gone.flatMap((name) => [`DROP USER IF EXISTS ${identifier(name)}`, ...dropPolicies(name)]),
    ...roleStatements(limits),
    ...users.flatMap(userStatements),
  ];
}

function roleStatements({ seconds, memoryBytes, queriesPerHour, secondsPerHour }: SqlUserLimits): string[] {
  const settings = [
    // Settings of an answer's look may be changed, and limits lowered; what reads or writes anything else may not.
    'readonly = 2 CONST',
    'allow_ddl = 0 CONST',
    'allow_introspection_functions = 0 CONST',
    `max_execution_time = ${seconds} MIN 1 MAX ${seconds}`,
    `max_memory_usage = ${memoryBytes} MIN 1 MAX ${memoryBytes}`,
    'max_threads = 4 MIN 1 MAX 4',
    // Their errors would tell how many rows there are of others.
    'max_rows_to_read = 0 CONST',
    'max_bytes_to_read = 0 CONST',
  ];
  return [
    `CREATE ROLE IF NOT EXISTS ${ROLE}`,
    `CREATE SETTINGS PROFILE OR REPLACE ${ROLE} SETTINGS ${settings.join(', ')} TO ${ROLE}`,
    `CREATE QUOTA OR REPLACE ${ROLE} KEYED BY user_name FOR INTERVAL 1 hour MAX queries = ${queriesPerHour}, execution_time = ${secondsPerHour} TO ${ROLE}`,
    // By name: a table without a rule is not read.
    ...Object.keys(ROW_RULES).map((table) => `GRANT SELECT ON assay.${table} TO ${ROLE}`),
  ];
}

function userStatements({ id, tokenHash, expiresAtUs, visibility }: SqlUser): string[] {
  const name = identifier(nameOf(id));
  const until =
    expiresAtUs === undefined
      ? "'infinity'"
      : quoted(new Date(expiresAtUs / 1000).toISOString().slice(0, 19).replace('T', ' '));
  const user = `CREATE USER IF NOT EXISTS ${name} IDENTIFIED WITH sha256_hash BY ${quoted(tokenHash)}`;
  const rights = `ALTER USER ${name} IDENTIFIED WITH sha256_hash BY ${quoted(tokenHash)} VALID UNTIL ${until}`;
  const policies = Object.keys(ROW_RULES).flatMap((table) => {
    const condition = rowCondition(table, visibility);
    // Restrictive, so that no policy which somebody makes for everybody can widen it; the other lets it count at all.
    return [
      `CREATE ROW POLICY OR REPLACE ${identifier(`${nameOf(id)}_rows`)} ON assay.${table} FOR SELECT USING ${condition ?? '1'} AS RESTRICTIVE TO ${name}`,
      `CREATE ROW POLICY OR REPLACE ${name} ON assay.${table} FOR SELECT USING 1 AS PERMISSIVE TO ${name}`,
    ];
  });
  return [user, rights, ...policies, `GRANT ${ROLE} TO ${name}`, `ALTER USER ${name} DEFAULT ROLE ${ROLE}`];
}

function dropPolicies(name: string): string[] {
  return Object.keys(ROW_RULES).flatMap((table) =>
    [`${name}_rows`, name].map((policy) => `DROP ROW POLICY IF EXISTS ${identifier(policy)} ON assay.${table}`),
  );
}

function nameOf(id: string): string {
  return `${SQL_USER_PREFIX}${id}`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

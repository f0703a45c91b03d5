// The configuration chdb reads when it opens: small pools and caches for one machine, and roles. A session starts as the
// owner; a statement from outside gives up everything but the role `outside`, or `seen` where not every row is for its eyes, so that ClickHouse
// itself refuses what was not granted.

import { SEEN_BY, SEEN_DATABASE, SEEN_ROLE } from './seen-names.ts';
import { seenPolicies } from './seen-rows.ts';

export interface EngineConfig {
  /** Databases the outside may read. */
  readonly outsideDatabases: readonly string[];
  readonly engineMemoryBytes: number;
  /** Flush parts to disk with every insert: survives a loss of power, at about half the insert rate of small blocks. */
  readonly fsync: boolean;
}

const DATABASE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** The server's configuration file; `usersFile` is the path of the one below. */
export function serverConfigXml(config: EngineConfig, usersFile: string): string {
  const fsync = config.fsync ? 1 : 0;
  return `<clickhouse>
  <users_config>${escapeXml(usersFile)}</users_config>
  <timezone>UTC</timezone>
  <max_server_memory_usage>${config.engineMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <max_thread_pool_size>256</max_thread_pool_size>
  <background_pool_size>2</background_pool_size>
  <background_merges_mutations_concurrency_ratio>2</background_merges_mutations_concurrency_ratio>
  <background_common_pool_size>2</background_common_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>2</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>2</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>2</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
    <fsync_after_insert>${fsync}</fsync_after_insert>
    <fsync_part_directory>${fsync}</fsync_part_directory>
  </merge_tree>
</clickhouse>
`;
}

/**
 * The users file: times in UTC, 64-bit integers quoted in JSON (a double would lose digits), the roles, and the user with whose eyes views of
 * `seen-rows.ts` read. Query texts are bounded
 * where requests are read; the engine's own bound has to let pass the SET that carries a request's parameters.
 */
export function usersConfigXml(config: EngineConfig): string {
  for (const name of config.outsideDatabases) {
    if (!DATABASE_NAME.test(name))
      throw new Error(`users.outside.databases: ${JSON.stringify(name)} is not a database name`);
  }
  const grants = config.outsideDatabases.map((name) => `<query>GRANT SELECT ON ${name}.*</query>`).join('');
  const policies = Object.entries(seenPolicies())
    .map(([table, condition]) => `<${table}><filter>${escapeXml(condition)}</filter></${table}>`)
    .join('\n      ');
  return `<clickhouse>
  <profiles><default>
    <session_timezone>UTC</session_timezone>
    <output_format_json_quote_64bit_integers>1</output_format_json_quote_64bit_integers>
    <max_threads>2</max_threads>
    <max_query_size>16777216</max_query_size>
  </default></profiles>
  <quotas><default></default></quotas>
  <roles>
    <inside><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></inside>
    <outside><grants>${grants}</grants></outside>
    <${SEEN_ROLE}><grants><query>GRANT SELECT ON ${SEEN_DATABASE}.*</query></grants></${SEEN_ROLE}>
  </roles>
  <users><default>
    <password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <access_management>0</access_management>
    <grants><query>GRANT inside</query><query>GRANT outside</query><query>GRANT ${SEEN_ROLE}</query></grants>
  </default>
  <${SEEN_BY}>
    <password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <access_management>0</access_management>
    <grants><query>GRANT SELECT ON assay.*</query></grants>
    <databases><assay>
      ${policies}
    </assay></databases>
  </${SEEN_BY}></users>
</clickhouse>
`;
}

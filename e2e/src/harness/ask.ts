// Questions to a running pool, as customers' programs ask them: SQL to ClickHouse, and GraphQL.
import { createClient } from '@clickhouse/client';

/** Something whose shares can be asked for by SQL: a pool, a cluster. */
export interface SqlSource {
  sql<Row>(query: string, params?: Record<string, unknown>): Promise<Row[]>;
}

/** Rows of a query through the read-only SQL port. */
export async function askSql<Row>(url: string, query: string, params: Record<string, unknown> = {}): Promise<Row[]> {
  const client = createClient({ url, database: 'assay' });
  try {
    const result = await client.query({ query, query_params: params, format: 'JSONEachRow' });
    return await result.json<Row>();
  } finally {
    await client.close();
  }
}

/** Data of a GraphQL query; throws with the errors when there are any. */
export async function askGraphql<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown[] };
  if (errors) throw new Error(`GraphQL errors: ${JSON.stringify(errors)}`);
  return data;
}

// GraphQL documents that know the types of their answer and of their variables: TypeScript reads them from the document's own text and the
// types of the schema, so that a field that is not there, or a variable left out, does not compile.
import { print } from '@0no-co/graphql.web';
import { initGraphQLTada, type TadaDocumentNode } from 'gql.tada';
import type { introspection } from './generated/schema-types.ts';

/**
 * Declares a document: `graphql(`query Fleet { fleet { workers } }`)`. A fragment declared the same way is named in the second argument
 * of whoever spreads it.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  // A fragment's fields are read where it is spread, without asking for them by the fragment.
  disableMasking: true;
  scalars: {
    /** ISO 8601, UTC. */
    DateTime: string;
  };
}>();

export type GraphqlDocument<Data, Variables> = TadaDocumentNode<Data, Variables>;

/** An enum, input or scalar of the schema: `SchemaType<'WorkerFilter'>`. */
export type SchemaType<Name extends Parameters<typeof graphql.scalar>[0]> = ReturnType<typeof graphql.scalar<Name>>;

const texts = new WeakMap<GraphqlDocument<never, never>, string>();

/** The document as it is sent. */
export function textOf(document: GraphqlDocument<unknown, never>): string {
  let text = texts.get(document as never);
  if (text === undefined) {
    text = print(document as Parameters<typeof print>[0]);
    texts.set(document as never, text);
  }
  return text;
}

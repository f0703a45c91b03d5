// A GraphQL document that knows the types of its answer and of its variables. A test finds every declaration and validates its text
// against the gateway's schema.

export interface GraphqlDocument<Data, Variables> {
  readonly text: string;
  /** Never present: it only carries the types. */
  readonly types?: (variables: Variables) => Data;
}

/** Declares a document. Data and Variables are what the text asks for. */
export function document<Data, Variables = Record<string, never>>(text: string): GraphqlDocument<Data, Variables> {
  return { text };
}

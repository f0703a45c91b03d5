// Operations that are not for this viewer or this way of asking, whatever their fields would answer.
import { Kind, type DocumentNode, type OperationDefinitionNode, type SelectionSetNode } from '../graphql-js.ts';
import { ClientError } from '../errors.ts';
import type { Viewer } from './viewer.ts';

/** Of Query and Mutation: what a session is answered that still owes its second factor. */
const OWED_FIELDS: ReadonlySet<string> = new Set(['__typename', 'viewer', 'beginSecondFactor', 'confirmSecondFactor']);

/** Throws ClientError. The document must be valid. */
export function checkPermitted(
  { owed }: Viewer,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  transport: 'http' | 'websocket',
): void {
  if (operation.operation === 'mutation' && transport === 'websocket')
    throw new ClientError('BAD_REQUEST', 'Send mutations by POST: a connection is for subscriptions and queries.');
  if (owed === undefined) return;
  for (const name of topFields(operation.selectionSet, document))
    if (!OWED_FIELDS.has(name))
      throw new ClientError(
        'SECOND_FACTOR_REQUIRED',
        owed === 'code'
          ? 'Give the code of your second factor first: POST /auth/second-factor.'
          : 'A second factor is required of you: set one up first (beginSecondFactor).',
      );
}

/** Valid fragments name each other in no circle. */
function* topFields(set: SelectionSetNode, document: DocumentNode): Iterable<string> {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) yield selection.name.value;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* topFields(selection.selectionSet, document);
    else
      for (const definition of document.definitions)
        if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value)
          yield* topFields(definition.selectionSet, document);
  }
}

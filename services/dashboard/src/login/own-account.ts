// What one changes about oneself, over GraphQL.
import { ApiError, graphql, type GraphqlDocument, type ResultOf } from '@assay/api-client';
import { request } from '../api/client.ts';
import type { AuthOutcome } from './auth-api.ts';

export const BEGIN_SECOND_FACTOR = graphql(`
  mutation BeginSecondFactor {
    beginSecondFactor {
      secret
      uri
      enrolment
    }
  }
`);

export type Enrolment = ResultOf<typeof BEGIN_SECOND_FACTOR>['beginSecondFactor'];

export const CONFIRM_SECOND_FACTOR = graphql(`
  mutation ConfirmSecondFactor($enrolment: String!, $code: String!) {
    confirmSecondFactor(enrolment: $enrolment, code: $code)
  }
`);

/** Asks for a change once; whatever goes wrong is in the outcome, for a form to show. */
export async function change<Data, Variables>(
  mutation: GraphqlDocument<Data, Variables>,
  variables: Variables,
): Promise<AuthOutcome<Data>> {
  try {
    const { data, partial } = await request(mutation, variables);
    if (partial === undefined) return { ok: true, body: data };
    return { ok: false, failure: partial };
  } catch (cause) {
    if (cause instanceof ApiError) return { ok: false, failure: cause };
    throw cause;
  }
}

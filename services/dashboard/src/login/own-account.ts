// What one changes about oneself, over GraphQL.
import { ApiError } from '../api/api-error.ts';
import { document, type GraphqlDocument } from '../api/document.ts';
import { request } from '../api/request.ts';
import type { AuthOutcome } from './auth-api.ts';

export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
  readonly enrolment: string;
}

export const BEGIN_SECOND_FACTOR = document<{ beginSecondFactor: Enrolment }>(`
  mutation BeginSecondFactor { beginSecondFactor { secret uri enrolment } }
`);

export const CONFIRM_SECOND_FACTOR = document<{ confirmSecondFactor: string[] }, { enrolment: string; code: string }>(`
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

// Changes that a viewer asks for, in the control log: made as the viewer, and a refusal in the client's terms.
import { ControlLogError, type ControlLog } from '@assay/control-log';
import type { Changed, ObjectChange, Refusal, RefusalCode } from '@assay/tenancy';
import { ClientError, type ErrorCode } from '../errors.ts';
import type { Viewer } from './viewer.ts';

const CODES: Readonly<Record<RefusalCode, ErrorCode>> = {
  malformed: 'BAD_USER_INPUT',
  invalid: 'BAD_USER_INPUT',
  limit: 'BAD_USER_INPUT',
  unknown_reference: 'BAD_USER_INPUT',
  in_use: 'IN_USE',
  duplicate: 'DUPLICATE',
  conflict: 'CONFLICT',
  not_found: 'NOT_FOUND',
  forbidden: 'FORBIDDEN',
};

/** Makes the changes, all or none, and answers when they are in the gateway's own fold. Throws ClientError. */
export async function changeAs(
  { actor }: Viewer,
  control: ControlLog,
  changes: readonly ObjectChange[],
  note?: string,
): Promise<readonly Changed[]> {
  try {
    const outcome = await control.change(actor, changes, note);
    if (outcome.applied) return outcome.changed;
    throw refusalError(outcome.refusal);
  } catch (error) {
    if (!(error instanceof ControlLogError)) throw error;
    throw new ClientError('CONTROL_UNAVAILABLE', error.message, { retriable: true, cause: error });
  }
}

export function refusalError({ code, message }: Refusal): ClientError {
  return new ClientError(CODES[code], message);
}

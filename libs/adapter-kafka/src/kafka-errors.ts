// What went wrong, in the port's words. A broker's error is known by its `type`, a lost connection by not having one.
import { LogError } from '@assay/event-log';
import { protocolError, type ProtocolError } from './kafkajs-protocol.ts';

/** The connection broke, could not be made, or did not answer in time: whether the request had an effect is unknown. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** The group no longer knows this member, or it was silent for too long: what it held may be held by another. */
export class MembershipLost extends Error {
  override readonly name = 'MembershipLost';
}

/** Kafka's name for the error, e.g. NOT_LEADER_FOR_PARTITION, or undefined when no broker said it. */
export function errorType(error: unknown): string | undefined {
  const type = (error as Partial<ProtocolError> | undefined)?.type;
  return typeof type === 'string' ? type : undefined;
}

const TOO_LARGE = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'OFFSET_METADATA_TOO_LARGE',
  'INVALID_COMMIT_OFFSET_SIZE',
]);
/** Trying again cannot help, and no operator's patience either: the request itself is refused. */
const REFUSED = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'INVALID_REQUEST',
  'POLICY_VIOLATION',
  'UNSUPPORTED_VERSION',
  'INVALID_RECORD',
  'INVALID_GROUP_ID',
  'INCONSISTENT_GROUP_PROTOCOL',
]);

/** True when asking again, after looking up leaders and coordinators anew, may get another answer. */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof LogError) return error.code === 'unavailable' && error.retriable;
  if (error instanceof TypeError || error instanceof RangeError) return false;
  const type = errorType(error);
  return type === undefined || !(TOO_LARGE.has(type) || REFUSED.has(type));
}

/** The LogError for `what` (e.g. "appending to shares.submitted/3"), which failed for good. */
export function toLogError(what: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const type = errorType(error);
  const reason = describe(error);
  if (type !== undefined && TOO_LARGE.has(type))
    return new LogError('too_large', `${what}: ${reason}`, { retriable: false, cause: error });
  return new LogError('unavailable', `${what}: ${reason}`, { retriable: isWorthRetrying(error), cause: error });
}

/** Throws when the code is not 0. */
export function check(code: number): void {
  if (code !== 0) throw protocolError(code);
}

export function describe(error: unknown): string {
  const type = errorType(error);
  const text = error instanceof Error ? error.message : String(error);
  return type === undefined ? text : `${text} (${type})`;
}

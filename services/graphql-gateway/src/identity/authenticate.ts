// Whose token it is, by the fold of the control log as it is at a moment. Pure. Invariant: without a token that is in force nobody is anybody,
// except in a pool that has no users at all.
import { NO_ACCESS, type Actor, type ApiKey, type ControlObject, type ControlState } from '@assay/tenancy';
import { OPEN_VIEWER, type Viewer } from '../operation/viewer.ts';
import { owedIn } from './second-factor.ts';
import { hashToken, kindOfToken } from './tokens.ts';

export interface Authentication {
  readonly viewer: Viewer;
  /** First moment at which it does not hold any more; undefined when no such moment is known. */
  readonly endsAtUs: number | undefined;
  /** What the viewer may do, as text to compare: a connection that was opened with other rights must not go on. */
  readonly rights: string;
}

export const OPEN: Authentication = { viewer: OPEN_VIEWER, endsAtUs: undefined, rights: 'open' };

/** Undefined when the token lets nobody in: it is none of ours, has ended, or its user is disabled. */
export function authenticate(
  token: string | undefined,
  state: ControlState,
  nowUs: number,
): Authentication | undefined {
  if (state.count('user') === 0) return OPEN;
  if (token === undefined) return undefined;
  switch (kindOfToken(token)) {
    case 'session':
      return ofSession(state.find('session', hashToken(token)), state, nowUs);
    case 'api_key':
      return ofKey(state.find('api_key', hashToken(token)), state, nowUs);
    case undefined:
      return undefined;
  }
}

function ofSession(
  session: ControlObject<'session'> | undefined,
  state: ControlState,
  nowUs: number,
): Authentication | undefined {
  if (session === undefined || session.body.expiresAtUs <= nowUs) return undefined;
  const { user: id, expiresAtUs, method } = session.body;
  const user = state.get('user', id)?.body;
  if (user === undefined || user.disabled) return undefined;
  const actor: Actor = { kind: 'user', id };
  const owed = owedIn(method, user, state);
  const access = owed === undefined ? state.accessOf(actor, nowUs) : NO_ACCESS;
  return {
    viewer: { actor, access, session: session.id, ...(owed !== undefined && { owed }) },
    endsAtUs: expiresAtUs,
    rights: JSON.stringify([actor, owed, user.grants]),
  };
}

function ofKey(
  key: ControlObject<'api_key'> | undefined,
  state: ControlState,
  nowUs: number,
): Authentication | undefined {
  if (key === undefined) return undefined;
  const { expiresAtUs, user: userId, grants, only }: ApiKey = key.body;
  if (expiresAtUs !== undefined && expiresAtUs <= nowUs) return undefined;
  const user = userId === undefined ? undefined : state.get('user', userId)?.body;
  if (userId !== undefined && (user === undefined || user.disabled)) return undefined;
  const actor: Actor = { kind: 'key', id: key.id };
  return {
    viewer: { actor, access: state.accessOf(actor, nowUs) },
    endsAtUs: expiresAtUs,
    rights: JSON.stringify([actor, only, user?.grants ?? grants]),
  };
}

// What a viewer may see and do of users: whose they are, and who must be logged in, and lately, for what.
import { KINDS, type ControlKind, type ControlObject, type ControlState, type User } from '@assay/tenancy';
import { ClientError } from '../errors.ts';
import type { Viewer } from '../operation/viewer.ts';

/** For what would let somebody stay who has come upon an open browser. */
const RECENT_US = 15 * 60e6;

/** The user themselves, as long as they are logged in as such; keys act for a user, but are not one. */
export function isSelf({ actor }: Viewer, user: string): boolean {
  return actor.kind === 'user' && actor.id === user;
}

/** Whether the viewer may change the object, as its kind has it. */
export function mayEdit<Kind extends ControlKind>(
  { access }: Viewer,
  { kind, id, body }: ControlObject<Kind>,
  state: ControlState,
): boolean {
  const definition = KINDS[kind];
  return definition.scopes(id, body, state).every((scope) => access.may(definition.permission, scope));
}

/** Throws ClientError while the pool is open: its first user is made by the link it prints, and not by whoever comes by. */
export function requireUsers({ actor }: Viewer): void {
  if (actor.kind === 'system')
    throw new ClientError(
      'SETUP_REQUIRED',
      'The pool has no users yet. Make the first one by the link that the pool printed when it started, or with: npm run user -- create.',
    );
}

export interface Person {
  readonly user: ControlObject<'user'>;
  readonly session: ControlObject<'session'>;
}

/** Who is logged in. Throws ClientError for keys, and while the pool is open. */
export function requirePerson(viewer: Viewer, state: ControlState): Person {
  requireUsers(viewer);
  const user = state.get('user', viewer.actor.id);
  const session = viewer.session === undefined ? undefined : state.get('session', viewer.session);
  if (viewer.actor.kind === 'user' && user !== undefined && session !== undefined) return { user, session };
  throw new ClientError('FORBIDDEN', 'This is for people: log in, a key will not do.');
}

/** Who has logged in within the last quarter of an hour. Throws ClientError. */
export function requireRecentPerson(viewer: Viewer, state: ControlState, nowUs: number): Person {
  const person = requirePerson(viewer, state);
  if (nowUs - person.session.body.createdAtUs < RECENT_US) return person;
  throw new ClientError('RECENT_LOGIN_REQUIRED', 'You logged in too long ago for this. Log in again.');
}

/** What a user logs in with besides what others vouch for, gone. */
export function withoutSecondFactor(body: User): User {
  const { secondFactor: _gone, ...rest } = body;
  return rest;
}

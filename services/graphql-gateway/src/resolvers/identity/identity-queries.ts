// Who asks, users and keys, as far as the viewer may see them: themselves, and whom they may edit.
import { PERMISSIONS, type ControlObject, type ControlState, type Grant } from '@assay/tenancy';
import { isSelf, mayEdit } from '../../identity/people.ts';
import { isRequiredOf } from '../../identity/second-factor.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { objectList, objectPage, searching, type PageArguments, type Search } from '../object-list.ts';
import { keyValue, sessionValue } from './identity-values.ts';
import type { IdentityResolverPorts } from './ports.ts';

export function userValue({ id, version, body, createdAtUs }: ControlObject<'user'>) {
  const { email, name, grants, disabled, passwordHash, secondFactor, external, invitation } = body;
  return {
    id,
    version,
    email,
    name,
    grants,
    disabled,
    hasPassword: passwordHash !== undefined,
    hasSecondFactor: secondFactor !== undefined,
    recoveryCodesLeft: secondFactor?.recoveryHashes.length ?? 0,
    issuer: external?.issuer,
    invitedUntil: invitation?.expiresAtUs,
    createdAt: createdAtUs,
  };
}

/** Users and keys of services that the viewer may edit. */
export function identityLists(state: ControlState) {
  return {
    users: ({ search }: Search, viewer: Viewer) => {
      const finds = searching(search);
      const shown = (user: ControlObject<'user'>): boolean =>
        finds([user.body.name, user.body.email]) && mayEdit(viewer, user, state);
      return objectList(state, 'user', shown, userValue);
    },
    serviceKeys: ({ search }: Search, viewer: Viewer) => {
      const finds = searching(search);
      const shown = (key: ControlObject<'api_key'>): boolean =>
        key.body.user === undefined && finds([key.body.name, key.body.shown]) && mayEdit(viewer, key, state);
      return objectList(state, 'api_key', shown, keyValue);
    },
  };
}

type ListArguments = PageArguments & Search;

export function identityQueries({ control }: IdentityResolverPorts) {
  const { state } = control;
  const lists = identityLists(state);

  return {
    viewer: (_root: unknown, _args: unknown, { viewer }: OperationContext) => viewerValue(viewer, state),
    users: (_root: unknown, args: ListArguments, { viewer }: OperationContext) =>
      objectPage(lists.users(args, viewer), args),
    user: (_root: unknown, { id }: { id: string }, { viewer }: OperationContext) => {
      const user = state.get('user', id);
      return user !== undefined && (isSelf(viewer, id) || mayEdit(viewer, user, state)) ? userValue(user) : null;
    },
    serviceKeys: (_root: unknown, args: ListArguments, { viewer }: OperationContext) =>
      objectPage(lists.serviceKeys(args, viewer), args),
  };
}

function viewerValue({ actor, access, session: sessionId, owed }: Viewer, state: ControlState) {
  const key = actor.kind === 'key' ? state.get('api_key', actor.id) : undefined;
  const userId = actor.kind === 'user' ? actor.id : key?.body.user;
  const user = userId === undefined ? undefined : state.get('user', userId);
  const session = sessionId === undefined ? undefined : state.get('session', sessionId);
  const grants: readonly Grant[] = user?.body.grants ?? key?.body.grants ?? [];
  return {
    kind: ({ system: 'OPEN', user: 'USER', key: 'KEY' } as const)[actor.kind],
    user: user && userValue(user),
    key: key && keyValue(key),
    session: session && sessionValue(session, sessionId),
    grants,
    permissions: PERMISSIONS.filter((permission) => access.scopesOf(permission).length > 0),
    owed,
    secondFactorRequired: user !== undefined && isRequiredOf(user.body, state),
  };
}

/** Fields of User that are more than what the user object holds. A key is told of its user, but not of the user's other keys and sessions. */
export function userResolvers({ control, clock }: IdentityResolverPorts) {
  const { state } = control;
  const shown = (id: string, viewer: Viewer): boolean => {
    const user = state.get('user', id);
    return user !== undefined && viewer.owed === undefined && (isSelf(viewer, id) || mayEdit(viewer, user, state));
  };
  return {
    sessions: ({ id }: { id: string }, _args: unknown, { viewer }: OperationContext) => {
      if (!shown(id, viewer)) return [];
      return state
        .naming('session', { kind: 'user', id })
        .filter(({ body }) => body.expiresAtUs > clock.nowUs())
        .sort((a, b) => b.body.createdAtUs - a.body.createdAtUs)
        .map((session) => sessionValue(session, viewer.session));
    },
    apiKeys: ({ id }: { id: string }, _args: unknown, { viewer }: OperationContext) =>
      shown(id, viewer) ? state.naming('api_key', { kind: 'user', id }).map(keyValue) : [],
  };
}

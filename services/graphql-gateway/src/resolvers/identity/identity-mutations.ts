// Changes of users, sessions and keys. Whether a viewer may make a change is for the fold to say, which refuses it in every gateway alike; here
// stands only what the fold cannot know: that the pool is open, that somebody is logged in in person, and how long ago.
import type { ControlObject, ObjectChange, Permission, User } from '@assay/tenancy';
import { isGiven } from '../../argument-bounds.ts';
import { ClientError } from '../../errors.ts';
import { invitationPath, newInvitation, newUserId } from '../../identity/accounts.ts';
import {
  isSelf,
  mayEdit,
  requirePerson,
  requireRecentPerson,
  requireUsers,
  withoutSecondFactor,
} from '../../identity/people.ts';
import { hashToken, newApiKey } from '../../identity/tokens.ts';
import type { OperationContext } from '../../operation/context.ts';
import { changeAs } from '../../operation/control-change.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { grantsOf, keyValue, type GrantInput } from './identity-values.ts';
import { userValue } from './identity-queries.ts';
import type { IdentityResolverPorts } from './ports.ts';

interface ChangeUserArguments {
  readonly id: string;
  readonly version: number;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly grants?: readonly GrantInput[] | null;
  readonly disabled?: boolean | null;
}

interface KeyArguments {
  readonly name: string;
  readonly grants?: readonly GrantInput[];
  readonly only?: readonly Permission[] | null;
  readonly expiresAt?: number | null;
}

type Context = OperationContext;

export function identityMutations(ports: IdentityResolverPorts) {
  const { control, clock, own } = ports;
  const { state } = control;

  /** A user whom the viewer may edit; others are as good as not there. */
  const editable = (viewer: Viewer, id: string): ControlObject<'user'> => {
    requireUsers(viewer);
    const user = state.get('user', id);
    if (user !== undefined && (mayEdit(viewer, user, state) || isSelf(viewer, id))) return user;
    throw new ClientError('NOT_FOUND', `There is no user ${id} whom you may edit.`);
  };

  const putUser = async (
    viewer: Viewer,
    id: string,
    expect: number,
    body: User,
    more: readonly ObjectChange[] = [],
  ): Promise<ControlObject<'user'>> => {
    await changeAs(viewer, control, [{ op: 'put', kind: 'user', id, expect, body }, ...more]);
    return state.get('user', id)!;
  };

  const invited = (user: ControlObject<'user'>, token: string) => {
    const path = invitationPath(token);
    return {
      user: userValue(user),
      path,
      url: ports.publicUrl === '' ? null : `${ports.publicUrl}${path}`,
      expiresAt: user.body.invitation!.expiresAtUs,
    };
  };

  const createKey = async (viewer: Viewer, { name, grants = [], only, expiresAt }: KeyArguments, user?: string) => {
    if (isGiven(expiresAt) && expiresAt <= clock.nowUs())
      throw new ClientError('BAD_USER_INPUT', '`expiresAt` has passed already.');
    const { id, token, shown } = newApiKey();
    const body = {
      name,
      ...(user !== undefined && { user }),
      grants: grantsOf(grants),
      ...(isGiven(only) && { only: [...only] }),
      tokenHash: hashToken(token),
      shown,
      createdAtUs: clock.nowUs(),
      ...(isGiven(expiresAt) && { expiresAtUs: expiresAt }),
    };
    await changeAs(viewer, control, [{ op: 'put', kind: 'api_key', id, expect: 0, body }]);
    return { key: keyValue(state.get('api_key', id)!), token };
  };

  return {
    inviteUser: async (
      _root: unknown,
      { email, name, grants }: { email: string; name: string; grants: readonly GrantInput[] },
      { viewer }: Context,
    ) => {
      requireUsers(viewer);
      const { token, invitation } = newInvitation(clock.nowUs());
      const body: User = { email, name, grants: grantsOf(grants), disabled: false, invitation };
      return invited(await putUser(viewer, newUserId(), 0, body), token);
    },

    renewInvitation: async (_root: unknown, args: { user: string }, { viewer }: Context) => {
      const { id, version, body } = editable(viewer, args.user);
      if (isSelf(viewer, id)) requireRecentPerson(viewer, state, clock.nowUs());
      const { token, invitation } = newInvitation(clock.nowUs());
      return invited(await putUser(viewer, id, version, { ...body, invitation }), token);
    },

    changeUser: async (_root: unknown, { id, version, ...given }: ChangeUserArguments, { viewer }: Context) => {
      const { body: before } = editable(viewer, id);
      if (isGiven(given.email) && isSelf(viewer, id)) requireRecentPerson(viewer, state, clock.nowUs());
      const body: User = {
        ...before,
        ...(isGiven(given.name) && { name: given.name }),
        ...(isGiven(given.email) && { email: given.email }),
        ...(isGiven(given.grants) && { grants: grantsOf(given.grants) }),
        ...(isGiven(given.disabled) && { disabled: given.disabled }),
      };
      const end = body.disabled && !before.disabled ? own.otherSessions(id) : [];
      return userValue(await putUser(viewer, id, version, body, end));
    },

    removeUser: async (_root: unknown, { id }: { id: string }, { viewer }: Context) => {
      const { version } = editable(viewer, id);
      await changeAs(viewer, control, [{ op: 'remove', kind: 'user', id, expect: version }]);
      return true;
    },

    resetSecondFactor: async (_root: unknown, args: { user: string }, { viewer }: Context) => {
      const { id, version, body } = editable(viewer, args.user);
      if (isSelf(viewer, id))
        throw new ClientError('FORBIDDEN', 'Remove your own second factor with a code: removeSecondFactor.');
      return userValue(await putUser(viewer, id, version, withoutSecondFactor(body), own.otherSessions(id)));
    },

    changePassword: async (
      _root: unknown,
      { current, password }: { current: string; password: string },
      { viewer }: Context,
    ) => {
      await own.changePassword(viewer, current, password);
      return true;
    },

    beginSecondFactor: (_root: unknown, _args: unknown, { viewer }: Context) => own.beginSecondFactor(viewer),
    confirmSecondFactor: (
      _root: unknown,
      { enrolment, code }: { enrolment: string; code: string },
      { viewer }: Context,
    ) => own.confirmSecondFactor(viewer, enrolment, code),
    removeSecondFactor: async (_root: unknown, { code }: { code: string }, { viewer }: Context) => {
      await own.removeSecondFactor(viewer, code);
      return true;
    },
    renewRecoveryCodes: (_root: unknown, { code }: { code: string }, { viewer }: Context) =>
      own.renewRecoveryCodes(viewer, code),

    revokeSession: async (_root: unknown, { id }: { id: string }, { viewer }: Context) => {
      const session = state.get('session', id);
      if (session === undefined || !(isSelf(viewer, session.body.user) || mayEdit(viewer, session, state)))
        throw new ClientError('NOT_FOUND', `There is no session ${id} of yours.`);
      await changeAs(viewer, control, [{ op: 'remove', kind: 'session', id }]);
      return true;
    },

    revokeOtherSessions: async (_root: unknown, _args: unknown, { viewer }: Context) => {
      const { user, session } = requirePerson(viewer, state);
      const ended = own.otherSessions(user.id, session.id);
      if (ended.length > 0) await changeAs(viewer, control, ended);
      return ended.length;
    },

    createApiKey: (_root: unknown, args: KeyArguments, { viewer }: Context) => {
      const { user } = requireRecentPerson(viewer, state, clock.nowUs());
      return createKey(viewer, args, user.id);
    },

    createServiceKey: (_root: unknown, args: KeyArguments, { viewer }: Context) => {
      requireUsers(viewer);
      return createKey(viewer, args);
    },

    revokeApiKey: async (_root: unknown, { id }: { id: string }, { viewer }: Context) => {
      requireUsers(viewer);
      const key = state.get('api_key', id);
      const own = key?.body.user !== undefined && isSelf(viewer, key.body.user);
      if (key === undefined || !(own || mayEdit(viewer, key, state)))
        throw new ClientError('NOT_FOUND', `There is no key ${id} of yours.`);
      await changeAs(viewer, control, [{ op: 'remove', kind: 'api_key', id }]);
      return true;
    },
  };
}

// Users, their sessions, and keys for programs. Secrets are not in the log: passwords and tokens stand there as hashes, and what has to be
// read again, such as the secret of a second factor, sealed with a key the log does not hold.
import { z } from 'zod';
import { Access, NO_ACCESS } from '../../access/access.ts';
import { EVERY_TENANT, grant, permission, type Grant, type Scope } from '../../access/roles.ts';
import type { Actor, KindChange, KindDefinition, Refusal } from '../control-object.ts';
import type { ControlState } from '../control-state.ts';
import { tenantReferences } from './places.ts';

const hash = z.string().min(1).max(300);
const grants = z.array(grant).max(100);
const atUs = z.number().int().min(0);

const userBody = z.strictObject({
  /** Logs in with it; compared without regard to case. */
  email: z
    .string()
    .max(254)
    .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'is no e-mail address'),
  name: z.string().trim().min(1).max(100),
  grants,
  disabled: z.boolean(),
  /** argon2id, in PHC format. None: logs in elsewhere only, or has not set one yet. */
  passwordHash: hash.optional(),
  secondFactor: z
    .strictObject({
      /** The TOTP secret, sealed. */
      sealed: z.string().max(300),
      /** The time step of the last code taken: none is taken twice. */
      lastStep: z.number().int().min(0),
      /** Of the recovery codes that have not been used. */
      recoveryHashes: z.array(hash).max(20),
    })
    .optional(),
  /** Who vouches for them at an OIDC login. */
  external: z.strictObject({ issuer: z.string().max(300), subject: z.string().max(300) }).optional(),
  /** Of a one-time link to set a password. */
  invitation: z.strictObject({ tokenHash: hash, expiresAtUs: atUs }).optional(),
});
export type User = z.infer<typeof userBody>;

export const userKind: KindDefinition<User> = {
  schema: userBody,
  limit: 100_000,
  permission: 'user.edit',
  scopes: (_id, body) => scopesOfGrants(body.grants),
  references: (_id, body) => tenantReferences(body.grants),
  uniqueKeys: ({ email, external, invitation }) => [
    email.toLowerCase(),
    ...(external === undefined ? [] : [externalKey(external.issuer, external.subject)]),
    ...(invitation === undefined ? [] : [invitationKey(invitation.tokenHash)]),
  ],
  gives: givenToUser,
  check: lastAdminStays,
  ownChange: ({ id, before, after }, actor) =>
    actor.kind === 'user' &&
    actor.id === id &&
    before !== undefined &&
    after !== undefined &&
    after.disabled === before.disabled &&
    JSON.stringify(after.grants) === JSON.stringify(before.grants),
};

/** What they log in with. Who can set it can be them. */
const CREDENTIALS = ['email', 'passwordHash', 'secondFactor', 'external', 'invitation'] as const;

/** New grants; and all there are, when it is changed what the user logs in with. */
function givenToUser({ before, after }: KindChange<User>): readonly Grant[] {
  if (after === undefined) return [];
  const taken = CREDENTIALS.some((name) => JSON.stringify(after[name]) !== JSON.stringify(before?.[name]));
  return taken ? after.grants : newGrants(before?.grants, after.grants);
}

function newGrants(before: readonly Grant[] = [], after: readonly Grant[] = []): readonly Grant[] {
  const held = new Set(before.map(grantName));
  return after.filter((each) => !held.has(grantName(each)));
}

function grantName({ role, tenant, site }: Grant): string {
  return `${role} ${tenant} ${site ?? ''}`;
}

/** Finds a user by who vouches for them. */
export function externalKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject]);
}

/** Finds a user by the link they were sent. */
export function invitationKey(tokenHash: string): string {
  return `invitation ${tokenHash}`;
}

/** Once there is somebody who may do everything, there always is. */
function lastAdminStays({ id, before, after }: KindChange<User>, state: ControlState): Refusal | undefined {
  if (before === undefined || !isAdmin(before) || (after !== undefined && isAdmin(after))) return undefined;
  for (const user of state.all('user')) if (user.id !== id && isAdmin(user.body)) return undefined;
  return { code: 'invalid', message: `${before.email} is the last one who may do everything.` };
}

function isAdmin(user: User): boolean {
  return !user.disabled && user.grants.some(({ role, tenant }) => role === 'operator_admin' && tenant === EVERY_TENANT);
}

/** How somebody logged in; behind the plus what they showed besides. `mfa`: who vouches for them says that they showed two things. */
export const LOGIN_METHODS = [
  'password',
  'password+totp',
  'password+recovery',
  'oidc',
  'oidc+mfa',
  'oidc+totp',
  'oidc+recovery',
  'invitation',
  'invitation+totp',
] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

const sessionBody = z.strictObject({
  user: z.string().min(1).max(160),
  /** SHA-256 of the token, hex. */
  tokenHash: hash,
  createdAtUs: atUs,
  expiresAtUs: atUs,
  /** How they logged in. */
  method: z.enum(LOGIN_METHODS),
  remoteAddress: z.string().max(64),
  userAgent: z.string().max(200),
});
export type Session = z.infer<typeof sessionBody>;

export const sessionKind: KindDefinition<Session> = {
  schema: sessionBody,
  limit: 200_000,
  permission: 'user.edit',
  scopes: (_id, { user }, state) => scopesOfUser(user, state),
  references: (_id, { user }) => [{ kind: 'user', id: user, onRemove: 'cascade' }],
  uniqueKeys: ({ tokenHash }) => [tokenHash],
  // Logging out.
  ownChange: ({ before, after }, actor) => after === undefined && isTheirs(before?.user, actor),
};

const keyBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Whose it is, and what they may do it may; without one it is a service's own and has grants. */
  user: z.string().min(1).max(160).optional(),
  grants,
  /** Only these permissions of what it would have; all of them when left out. */
  only: z.array(permission).max(50).optional(),
  /** SHA-256 of the token, hex. */
  tokenHash: hash,
  /** The token's first characters, for people to tell keys apart. */
  shown: z.string().min(1).max(16),
  createdAtUs: atUs,
  expiresAtUs: atUs.optional(),
});
export type ApiKey = z.infer<typeof keyBody>;

export const apiKeyKind: KindDefinition<ApiKey> = {
  schema: keyBody,
  limit: 200_000,
  permission: 'user.edit',
  scopes: (_id, { user, grants: own }, state) => (user === undefined ? scopesOfGrants(own) : scopesOfUser(user, state)),
  references: (_id, { user, grants: own }) => [
    ...(user === undefined ? [] : [{ kind: 'user', id: user, onRemove: 'cascade' } as const]),
    ...tenantReferences(own),
  ],
  uniqueKeys: ({ tokenHash }) => [tokenHash],
  // A user's key is the user, whatever else the one who makes it may do.
  gives: ({ before, after }, state) =>
    after === undefined ? [] : [...newGrants(before?.grants, after.grants), ...userGrants(after.user, state)],
  check: ({ after }) =>
    after?.user !== undefined && after.grants.length > 0
      ? { code: 'invalid', message: 'A key of a user has what the user may do, and no grants of its own.' }
      : undefined,
  ownChange: ({ before, after }, actor) =>
    [before, after].every((body) => body === undefined || isTheirs(body.user, actor)),
};

function isTheirs(user: string | undefined, actor: Actor): boolean {
  return actor.kind === 'user' && user === actor.id;
}

/** Who has no grants is the pool's own: else whoever may edit users of any tenant could take them over. */
function scopesOfGrants(held: readonly Grant[]): readonly Scope[] {
  return held.length === 0 ? [{ tenant: EVERY_TENANT }] : held;
}

function scopesOfUser(id: string, state: ControlState): readonly Scope[] {
  return scopesOfGrants(userGrants(id, state));
}

function userGrants(id: string | undefined, state: ControlState): readonly Grant[] {
  return (id === undefined ? undefined : state.get('user', id)?.body.grants) ?? [];
}

/** What a user may do; nothing when there is no such user or they are disabled. */
export function accessOfUser(id: string, state: ControlState): Access {
  return new Access(grantsOfUser(id, state));
}

/** What a key may do at a moment; nothing when it has expired. */
export function accessOfKey(id: string, state: ControlState, nowUs: number): Access {
  const key = state.get('api_key', id)?.body;
  if (key === undefined || (key.expiresAtUs !== undefined && key.expiresAtUs <= nowUs)) return NO_ACCESS;
  return new Access(key.user === undefined ? key.grants : grantsOfUser(key.user, state), key.only);
}

function grantsOfUser(id: string, state: ControlState): readonly Grant[] {
  const user = state.get('user', id)?.body;
  return user === undefined || user.disabled ? [] : user.grants;
}

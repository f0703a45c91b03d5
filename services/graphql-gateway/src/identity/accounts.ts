// How somebody becomes a user and sets a password: the first one by the link that the pool prints, everybody else by an invitation. Both links
// work once, and hold a token of which only the hash is kept.
import { randomBytes } from 'node:crypto';
import type { ControlObject, ControlState, Grant, ObjectChange, Refusal, User } from '@assay/tenancy';
import { EVERY_TENANT, invitationKey } from '@assay/tenancy';
import { GATEWAY, type LoginPorts } from './login.ts';
import { newSession, type Client, type NewSession } from './new-session.ts';
import { passwordFault } from './password-rules.ts';
import { hashToken, isLinkToken, newLinkToken } from './tokens.ts';

const DAY_US = 86_400e6;
export const INVITATION_US = 7 * DAY_US;
/** Whoever makes the first user has this id, so that of two at once one is refused. */
const FIRST_USER = 'usr_first';
const ADMIN: Grant = { role: 'operator_admin', tenant: EVERY_TENANT };

export function newUserId(): string {
  return `usr_${randomBytes(9).toString('base64url')}`;
}

export interface Invited {
  readonly token: string;
  readonly invitation: NonNullable<User['invitation']>;
}

export function newInvitation(nowUs: number, lifetimeUs = INVITATION_US): Invited {
  const token = newLinkToken();
  return { token, invitation: { tokenHash: hashToken(token), expiresAtUs: nowUs + lifetimeUs } };
}

/** Where the dashboard takes it. */
export function invitationPath(token: string): string {
  return `/#invitation=${token}`;
}

/** Whose invitation it is, while it is in force. */
export function invitedBy(token: string, state: ControlState, nowUs: number): ControlObject<'user'> | undefined {
  if (!isLinkToken(token)) return undefined;
  const user = state.find('user', invitationKey(hashToken(token)));
  const endsAtUs = user?.body.invitation?.expiresAtUs ?? 0;
  return user?.body.disabled === false && nowUs < endsAtUs ? user : undefined;
}

export type AccountOutcome =
  /** `session` is missing for who has a second factor: they log in with it. */
  | { readonly outcome: 'done'; readonly session: NewSession | undefined }
  | { readonly outcome: 'link_ended' }
  | { readonly outcome: 'bad_password'; readonly message: string }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

export interface FirstUser {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

export class Accounts {
  readonly #ports: LoginPorts;

  constructor(ports: LoginPorts) {
    this.#ports = ports;
  }

  /** The first user, who may do everything. Whether the link was right is the caller's to know. Throws TooManyPasswords. */
  async makeFirst({ email, name, password }: FirstUser, client: Client): Promise<AccountOutcome> {
    const { control, passwords } = this.#ports;
    if (control.state.count('user') > 0) return { outcome: 'link_ended' };
    const fault = passwordFault(password, [email, name]);
    if (fault !== undefined) return { outcome: 'bad_password', message: fault };
    const body: User = { email, name, grants: [ADMIN], disabled: false, passwordHash: await passwords.hash(password) };
    const put: ObjectChange = { op: 'put', kind: 'user', id: FIRST_USER, expect: 0, body };
    return this.#begin(FIRST_USER, put, client, true);
  }

  /** Sets the password of who was invited, and logs them in. Throws TooManyPasswords. */
  async accept(token: string, password: string, client: Client): Promise<AccountOutcome> {
    const { control, passwords, clock } = this.#ports;
    const user = invitedBy(token, control.state, clock.nowUs());
    if (user === undefined) return { outcome: 'link_ended' };
    const { invitation: _used, ...rest } = user.body;
    const fault = passwordFault(password, [rest.email, rest.name]);
    if (fault !== undefined) return { outcome: 'bad_password', message: fault };
    const body: User = { ...rest, passwordHash: await passwords.hash(password) };
    const put: ObjectChange = { op: 'put', kind: 'user', id: user.id, expect: user.version, body };
    return this.#begin(user.id, put, client, rest.secondFactor === undefined);
  }

  /** Sets the user's password, ends whatever was logged in with the one before, and begins a session. */
  async #begin(id: string, put: ObjectChange, client: Client, login: boolean): Promise<AccountOutcome> {
    const { control, clock, sessionLifetimeUs } = this.#ports;
    const session = newSession(id, 'invitation', client, control.state, clock.nowUs(), sessionLifetimeUs);
    const before = control.state.naming('session', { kind: 'user', id });
    const changes: ObjectChange[] = [
      put,
      ...before.map((other) => ({ op: 'remove' as const, kind: 'session', id: other.id })),
      ...(login ? session.changes.filter(({ op }) => op === 'put') : []),
    ];
    const outcome = await control.change(GATEWAY, changes, 'password set by a one-time link');
    if (outcome.applied) return { outcome: 'done', session: login ? session : undefined };
    const { refusal } = outcome;
    return refusal.code === 'conflict' ? { outcome: 'link_ended' } : { outcome: 'refused', refusal };
  }
}

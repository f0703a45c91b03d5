// Logging in: a password, and a code where the user has a second factor; and giving the code later, in a session that began without.
// Invariants: what is answered, and how soon, does not tell whether there is such an account; a code opens one session, at whatever gateways
// it is shown at once, for the session and the used code are one change that expects the user unchanged.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { Sealer } from '@assay/platform';
import type { Actor, ControlObject, LoginMethod, ObjectChange, Refusal, User } from '@assay/tenancy';
import { type LoginThrottle } from './login-throttle.ts';
import { newSession, type Client, type NewSession } from './new-session.ts';
import { TooManyPasswords, type Passwords } from './passwords.ts';
import { proofOf } from './second-factor.ts';

/** Who writes down what people do who are not let in yet. */
export const GATEWAY: Actor = { kind: 'system', id: 'graphql-gateway' };
/** A user is changed by others at the same moment: how often it is tried anew. */
const TRIES = 5;

export interface LoginPorts {
  readonly control: ControlLog;
  readonly clock: Clock;
  readonly passwords: Passwords;
  readonly sealer: Sealer;
  readonly throttle: LoginThrottle;
  readonly sessionLifetimeUs: number;
}

export type LoginOutcome =
  | { readonly outcome: 'in'; readonly session: NewSession }
  /** Address, password or code are wrong, or the user is disabled; which is not said. */
  | { readonly outcome: 'refused' }
  /** The password is right; the code is missing. */
  | { readonly outcome: 'code_missing' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'busy' };

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
}

type UserObject = ControlObject<'user'>;

export class Login {
  readonly #ports: LoginPorts;

  constructor(ports: LoginPorts) {
    this.#ports = ports;
  }

  async withPassword({ email, password, code }: Credentials, client: Client): Promise<LoginOutcome> {
    const { control, passwords } = this.#ports;
    return this.#admitted(email, client, async () => {
      const user = control.state.find('user', email.trim().toLowerCase());
      const hashed = user?.body.passwordHash;
      const right = await passwords.isRight(hashed, password);
      if (user === undefined || hashed === undefined || !right) return { outcome: 'refused' };
      const renewed = passwords.isOld(hashed) ? await passwords.hash(password) : undefined;
      return this.#begin(user.id, 'password', code, client, (body) => {
        // Changed while it was being checked.
        if (body.passwordHash !== hashed) return undefined;
        return renewed === undefined ? body : { ...body, passwordHash: renewed };
      });
    });
  }

  /** Somebody else vouches for the user. @param before what their session begins with, from the user as it is; undefined to refuse */
  async vouched(
    id: string,
    method: 'oidc' | 'oidc+mfa',
    client: Client,
    before: (body: User) => User | undefined,
  ): Promise<LoginOutcome> {
    return this.#begin(id, method, undefined, client, before);
  }

  /** The code, in a session that began without. The session goes on under a new token. */
  async withCode(session: ControlObject<'session'>, code: string, client: Client): Promise<LoginOutcome> {
    const { user: id, method } = session.body;
    const user = this.#ports.control.state.get('user', id);
    if (user === undefined) return { outcome: 'refused' };
    return this.#admitted(user.body.email, client, () =>
      this.#begin(id, method, code, client, (body) => body, [{ op: 'remove', kind: 'session', id: session.id }]),
    );
  }

  /** Counts the try, and what becomes of it. */
  async #admitted(account: string, client: Client, run: () => Promise<LoginOutcome>): Promise<LoginOutcome> {
    const nowMs = this.#ports.clock.nowUs() / 1000;
    const admission = this.#ports.throttle.admit(account, client.remoteAddress, nowMs);
    if (!admission.allowed) return { outcome: 'throttled', retryAfterSeconds: admission.retryAfterSeconds };
    const { attempt } = admission;
    try {
      const result = await run();
      if (result.outcome === 'in') attempt.succeeded();
      else if (result.outcome !== 'refused') attempt.takenBack();
      return result;
    } catch (error) {
      attempt.takenBack();
      if (error instanceof TooManyPasswords) return { outcome: 'busy' };
      throw error;
    }
  }

  /** @param prepare the user as the login leaves them, but for the code; undefined to refuse */
  async #begin(
    id: string,
    method: LoginMethod,
    code: string | undefined,
    client: Client,
    prepare: (body: User) => User | undefined,
    more: readonly ObjectChange[] = [],
  ): Promise<LoginOutcome> {
    const { control, clock, sealer, sessionLifetimeUs } = this.#ports;
    for (let tries = 0; tries < TRIES; tries++) {
      const user: UserObject | undefined = control.state.get('user', id);
      const prepared = user === undefined || user.body.disabled ? undefined : prepare(user.body);
      if (user === undefined || prepared === undefined) return { outcome: 'refused' };
      let body = prepared;
      let full: LoginMethod = method;
      if (code !== undefined && prepared.secondFactor !== undefined) {
        const proof = proofOf(id, prepared, code, clock.nowUs(), sealer);
        if (proof === undefined) return { outcome: 'refused' };
        body = { ...prepared, secondFactor: proof.left };
        full = withFactor(method, proof.factor);
      } else if (prepared.secondFactor !== undefined && method === 'password') return { outcome: 'code_missing' };
      const session = newSession(id, full, client, control.state, clock.nowUs(), sessionLifetimeUs);
      const put: ObjectChange = { op: 'put', kind: 'user', id, expect: user.version, body };
      // Nobody but this change may use the code; without one, the user need not be written again.
      const changes = [...(body === user.body ? [] : [put]), ...merged(more, session.changes)];
      const outcome = await control.change(GATEWAY, changes, 'login');
      if (outcome.applied) return { outcome: 'in', session };
      if (!isOvertaken(outcome.refusal))
        throw new Error(`a login could not be written down: ${outcome.refusal.message}`);
    }
    return { outcome: 'refused' };
  }
}

/** Something in the change was changed or removed meanwhile. */
function isOvertaken({ code }: Refusal): boolean {
  return code === 'conflict' || code === 'not_found';
}

/** What both lists remove is removed once. */
function merged(first: readonly ObjectChange[], second: readonly ObjectChange[]): ObjectChange[] {
  const removed = new Set(first.map(({ kind, id }) => `${kind} ${id}`));
  return [...first, ...second.filter(({ op, kind, id }) => op !== 'remove' || !removed.has(`${kind} ${id}`))];
}

function withFactor(method: LoginMethod, factor: 'totp' | 'recovery'): LoginMethod {
  switch (method) {
    case 'oidc':
      return `oidc+${factor}`;
    case 'invitation':
      return 'invitation+totp';
    default:
      return `password+${factor}`;
  }
}

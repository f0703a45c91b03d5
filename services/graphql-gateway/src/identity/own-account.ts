// What people do with their own password and second factor. Each thing takes what it takes to log in: the password or a code, counted as a try.
import type { ControlObject, LoginMethod, ObjectChange, User } from '@assay/tenancy';
import { ClientError } from '../errors.ts';
import { changeAs } from '../operation/control-change.ts';
import type { Viewer } from '../operation/viewer.ts';
import { GATEWAY, type LoginPorts } from './login.ts';
import { passwordFault } from './password-rules.ts';
import { TooManyPasswords } from './passwords.ts';
import { requirePerson, requireRecentPerson, withoutSecondFactor, type Person } from './people.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { isRequiredOf, proofOf, purposeOf } from './second-factor.ts';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';

const ENROLMENT_US = 600e6;
const ISSUER = 'Assay';

export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
  /** The secret, sealed: nothing of it is kept until it is confirmed. */
  readonly enrolment: string;
}

export class OwnAccount {
  readonly #ports: LoginPorts;

  constructor(ports: LoginPorts) {
    this.#ports = ports;
  }

  async changePassword(viewer: Viewer, current: string, password: string): Promise<void> {
    const { control, passwords } = this.#ports;
    const { user, session } = requirePerson(viewer, control.state);
    const { email, name, passwordHash } = user.body;
    try {
      await this.#attempt(viewer, user, () => passwords.isRight(passwordHash, current));
      const fault = passwordFault(password, [email, name]);
      if (fault !== undefined) throw new ClientError('BAD_USER_INPUT', fault);
      const put = putUser(user, { ...user.body, passwordHash: await passwords.hash(password) });
      await changeAs(viewer, control, [put, ...this.otherSessions(user.id, session.id)], 'password changed');
    } catch (error) {
      if (!(error instanceof TooManyPasswords)) throw error;
      throw new ClientError('OVERLOADED', 'Too many passwords are being checked. Try again in a moment.', {
        retriable: true,
      });
    }
  }

  beginSecondFactor(viewer: Viewer): Enrolment {
    const { clock, sealer } = this.#ports;
    const { user } = this.#withoutFactor(viewer);
    if (!sealer.canSeal)
      throw new ClientError(
        'NOT_CONFIGURED',
        'Second factors need a key to seal their secrets with: set ASSAY_SECRETS_KEY for all gateways.',
      );
    const secret = newTotpSecret();
    const pending = JSON.stringify([secret, clock.nowUs() + ENROLMENT_US]);
    return {
      secret,
      uri: totpUri(secret, user.body.email, ISSUER),
      enrolment: sealer.seal(pending, enrolmentPurpose(user.id)),
    };
  }

  /** Resolves with the recovery codes. */
  async confirmSecondFactor(viewer: Viewer, enrolment: string, code: string): Promise<readonly string[]> {
    const { control, clock, sealer } = this.#ports;
    const { user, session } = this.#withoutFactor(viewer);
    const pending = sealer.open(enrolment, enrolmentPurpose(user.id));
    const [secret, endsAtUs] = pending === undefined ? ['', 0] : (JSON.parse(pending) as [string, number]);
    if (endsAtUs <= clock.nowUs())
      throw new ClientError('BAD_USER_INPUT', 'The enrolment has ended: begin again (beginSecondFactor).');
    const step = totpStep(secret, code.replace(/\s/g, ''), clock.nowUs(), 0);
    if (step === undefined)
      throw new ClientError('WRONG_CODE', 'The code is not right. Is the clock of the device that shows it?');
    const codes = newRecoveryCodes();
    const secondFactor = {
      sealed: sealer.seal(secret, purposeOf(user.id)),
      lastStep: step,
      recoveryHashes: codes.map(hashRecoveryCode),
    };
    const put = putUser(user, { ...user.body, secondFactor });
    await changeAs(viewer, control, [put, ...this.otherSessions(user.id, session.id)], 'second factor set up');
    // Users do not write sessions. Should this not come about, the session asks for a code.
    const body = { ...session.body, method: `${basisOf(session.body.method)}+totp` as LoginMethod };
    await changeAs({ ...viewer, actor: GATEWAY }, control, [
      { op: 'put', kind: 'session', id: session.id, expect: session.version, body },
    ]);
    return codes;
  }

  async removeSecondFactor(viewer: Viewer, code: string): Promise<void> {
    const { control, clock } = this.#ports;
    const { user } = requireRecentPerson(viewer, control.state, clock.nowUs());
    if (isRequiredOf(user.body, control.state))
      throw new ClientError('FORBIDDEN', 'A tenant of yours asks for a second factor.');
    await this.#proof(viewer, user, code);
    await changeAs(viewer, control, [putUser(user, withoutSecondFactor(user.body))], 'second factor removed');
  }

  async renewRecoveryCodes(viewer: Viewer, code: string): Promise<readonly string[]> {
    const { control, clock } = this.#ports;
    const { user } = requireRecentPerson(viewer, control.state, clock.nowUs());
    const left = await this.#proof(viewer, user, code);
    const codes = newRecoveryCodes();
    const secondFactor = { ...left, recoveryHashes: codes.map(hashRecoveryCode) };
    await changeAs(viewer, control, [putUser(user, { ...user.body, secondFactor })], 'recovery codes renewed');
    return codes;
  }

  /** What ends all sessions of a user but one. */
  otherSessions(user: string, but?: string): ObjectChange[] {
    const sessions = this.#ports.control.state.naming('session', { kind: 'user', id: user });
    return sessions.filter(({ id }) => id !== but).map(({ id }) => ({ op: 'remove', kind: 'session', id }));
  }

  #withoutFactor(viewer: Viewer): Person {
    const { control, clock } = this.#ports;
    const person = requireRecentPerson(viewer, control.state, clock.nowUs());
    if (person.user.body.secondFactor === undefined) return person;
    throw new ClientError('CONFLICT', 'You have a second factor already; remove it first.');
  }

  async #proof(viewer: Viewer, user: ControlObject<'user'>, code: string): Promise<NonNullable<User['secondFactor']>> {
    const { clock, sealer } = this.#ports;
    const proof = proofOf(user.id, user.body, code, clock.nowUs(), sealer);
    await this.#attempt(viewer, user, async () => proof !== undefined);
    return proof!.left;
  }

  /** Throws ClientError when it is not right, or there were too many wrong ones before. */
  async #attempt(viewer: Viewer, { body }: ControlObject<'user'>, isRight: () => Promise<boolean>): Promise<void> {
    const { throttle, clock } = this.#ports;
    // Where the viewer is does not count here: they are in already.
    const admission = throttle.admit(body.email, `session ${viewer.session}`, clock.nowUs() / 1000);
    if (!admission.allowed)
      throw new ClientError('TOO_MANY_ATTEMPTS', `Too many attempts: wait for ${admission.retryAfterSeconds} seconds.`);
    if (!(await isRight())) throw new ClientError('WRONG_CODE', 'The password or code is not right.');
    admission.attempt.succeeded();
  }
}

function putUser({ id, version }: ControlObject<'user'>, body: User): ObjectChange {
  return { op: 'put', kind: 'user', id, expect: version, body };
}

function basisOf(method: LoginMethod): 'password' | 'oidc' | 'invitation' {
  return method.split('+')[0] as 'password' | 'oidc' | 'invitation';
}

function enrolmentPurpose(user: string): string {
  return `second-factor enrolment ${user}`;
}

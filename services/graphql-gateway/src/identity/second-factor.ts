// The second factor: who must have one, what a session still owes, and whether a code is right. Pure.
import type { Sealer } from '@assay/platform';
import { EVERY_TENANT, type ControlState, type LoginMethod, type User } from '@assay/tenancy';
import { hashRecoveryCode } from './recovery-codes.ts';
import { totpStep } from './totp.ts';

/** What has to be done in a session before anything else: give the code, or set a second factor up. */
export type Owed = 'code' | 'enrolment';

/** Undefined when the session may do what its user may. */
export function owedIn(method: LoginMethod, user: User, state: ControlState): Owed | undefined {
  if (method.includes('+')) return undefined;
  if (user.secondFactor !== undefined) return 'code';
  return isRequiredOf(user, state) ? 'enrolment' : undefined;
}

/** By any tenant whose data they see. */
export function isRequiredOf({ grants }: User, state: ControlState): boolean {
  return grants.some(({ tenant }) => {
    if (tenant !== EVERY_TENANT) return state.get('tenant', tenant)?.body.requireSecondFactor === true;
    for (const { body } of state.all('tenant')) if (body.requireSecondFactor === true) return true;
    return false;
  });
}

export type ShownFactor = 'totp' | 'recovery';

/** What a right code leaves: the second factor as it is afterwards, in which the same code is worth nothing. */
export interface Proof {
  readonly factor: ShownFactor;
  readonly left: NonNullable<User['secondFactor']>;
}

/** @param id of the user */
export function proofOf(id: string, user: User, code: string, nowUs: number, sealer: Sealer): Proof | undefined {
  const { secondFactor } = user;
  if (secondFactor === undefined) return undefined;
  const digits = code.replace(/\s/g, '');
  if (/^\d{6}$/.test(digits)) {
    const secret = sealer.open(secondFactor.sealed, purposeOf(id));
    const step = secret === undefined ? undefined : totpStep(secret, digits, nowUs, secondFactor.lastStep);
    if (secret === undefined || step === undefined) return undefined;
    const sealed = sealer.isOld(secondFactor.sealed) ? sealer.seal(secret, purposeOf(id)) : secondFactor.sealed;
    return { factor: 'totp', left: { ...secondFactor, sealed, lastStep: step } };
  }
  const hash = hashRecoveryCode(code.slice(0, 100));
  const { recoveryHashes } = secondFactor;
  if (!recoveryHashes.includes(hash)) return undefined;
  return {
    factor: 'recovery',
    left: { ...secondFactor, recoveryHashes: recoveryHashes.filter((other) => other !== hash) },
  };
}

/** What the secret of a user's second factor is sealed for. */
export function purposeOf(user: string): string {
  return `second-factor ${user}`;
}

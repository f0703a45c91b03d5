// A new password, typed twice. The gateway's rules decide; what can be said before it is sent is said here.

/** As identity/password-rules.ts of the gateway has it. */
const MIN_PASSWORD_LENGTH = 12;

export const PASSWORD_RULES =
  'At least 12 characters; no rules about digits or signs. A few words that do not belong together are good. Not your name, your address, common words or a sequence.';

export interface PairProblems {
  readonly password?: string;
  readonly again?: string;
}

/** Counts characters as the gateway does: an emoji is one. */
export function pairProblems(password: string, again: string): PairProblems {
  const missing = MIN_PASSWORD_LENGTH - [...password.normalize('NFKC')].length;
  return {
    ...(missing > 0 && { password: `${missing} ${missing === 1 ? 'character is' : 'characters are'} missing.` }),
    ...(password !== again && { again: 'The two are not the same.' }),
  };
}

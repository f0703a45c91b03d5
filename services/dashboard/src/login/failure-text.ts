// What to tell a person about a failure at the door: what it was, and what can be done. The gateway does not say which of address and password
// was wrong, so neither do we.
import { formatDuration } from '../format/time.ts';
import type { AuthFailure } from './auth-api.ts';

/** What the person has just sent. */
export type Sent = 'password' | 'code' | 'account';

export function failureText({ code, message, retryAfterSeconds }: AuthFailure, sent: Sent): string {
  switch (code) {
    case 'LOGIN_REFUSED':
      return sent === 'code'
        ? 'The code is not right, or was used already. Wait for the next one, or use a recovery code.'
        : 'The e-mail address or the password is not right.';
    case 'TOO_MANY_ATTEMPTS':
      // With a time to wait, the button counts it down; else the gateway's sentence says it.
      return retryAfterSeconds === undefined ? message : 'Too many wrong attempts.';
    case 'WRONG_CODE':
      return sent === 'code'
        ? 'The code is not right. See that the clock of the phone is, and try the next code.'
        : 'The password is not right.';
    case 'OVERLOADED':
      return 'Too many people log in at once. Try again in a moment.';
    case 'CONTROL_UNAVAILABLE':
      return 'The pool cannot check logins right now: its control log does not answer. Try again in some seconds.';
    case 'UNREACHABLE':
      return 'The pool does not answer. Try again in a moment.';
    case 'UNAUTHENTICATED':
      return 'The login has ended meanwhile. Start again.';
    default:
      return message;
  }
}

/** What stands on the button while one has to wait. */
export function waitText(remainingMs: number): string {
  return `Try again in ${formatDuration(Math.ceil(remainingMs / 1000) * 1000)}`;
}

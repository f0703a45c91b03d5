// The cookie a session lives in: no script can read it, no other site's page can make a browser send it, and over TLS it is bound to this host.
import type { Response } from 'express';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from './credentials.ts';

const PATH = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

export function setSessionCookie(response: Response, token: string, lifetimeMs: number): void {
  const secure = response.req.secure;
  response.cookie(secure ? SECURE_SESSION_COOKIE : SESSION_COOKIE, token, { ...PATH, secure, maxAge: lifetimeMs });
}

/** Both, whichever there is. */
export function clearSessionCookie(response: Response): void {
  const secure = response.req.secure;
  response.clearCookie(SESSION_COOKIE, { ...PATH, secure });
  if (secure) response.clearCookie(SECURE_SESSION_COOKIE, { ...PATH, secure });
}

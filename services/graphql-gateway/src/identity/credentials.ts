// The token that a request shows: in its Authorization header, as programs do, or in the cookie that a login has set.
// A cookie is sent by the browser whoever wrote the page, so it counts only where the page is our own.
import type { IncomingMessage } from 'node:http';
import { isSameOrigin } from '../http/same-origin.ts';

/** A browser keeps a cookie of the second name to this very host, and only over TLS. */
export const SESSION_COOKIE = 'assay_session';
export const SECURE_SESSION_COOKIE = '__Host-assay_session';

const BEARER = /^Bearer +([\x21-\x7e]{1,200}) *$/i;
/** Browsers send no more than some kilobytes; what lies beyond is not looked at. */
const MAX_COOKIES = 50;

export function tokenOf(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers;
  // Another scheme is that of a proxy in front, and none of our business.
  if (authorization !== undefined && /^Bearer\b/i.test(authorization)) return BEARER.exec(authorization)?.[1] ?? '';
  return isSameOrigin(request) ? sessionCookieOf(request) : undefined;
}

function sessionCookieOf(request: IncomingMessage): string | undefined {
  return cookieNamed(request, SECURE_SESSION_COOKIE) ?? cookieNamed(request, SESSION_COOKIE);
}

export function cookieNamed({ headers }: IncomingMessage, name: string): string | undefined {
  const cookies = (headers.cookie ?? '').split(';', MAX_COOKIES).map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}

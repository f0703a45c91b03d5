// Who is asking: one of our services, with the secret made at this start, or the outside, which only reads: as one user who sees every row, or
// with a key of the pool's that says what it sees.
import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { failure } from './clickhouse-error.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What the pool says of somebody outside, by the password they show. `seen` as SEEN_SETTING has it; undefined for every row. */
export type Reader = { readonly reads: true; readonly seen: string | undefined } | { readonly reads: false };

export type Asker = { readonly who: 'inside' } | { readonly who: 'outside'; readonly seen: string | undefined };

export interface Users {
  readonly inside: Credentials;
  /** Undefined: nobody but our services gets in. */
  readonly outside: Credentials | undefined;
}

/**
 * Fails with AUTHENTICATION_FAILED. Basic auth, then X-ClickHouse-User and -Key, then `user` and `password`, as ClickHouse takes them.
 * @param readerOf asks the pool about a password; without it there is only the user from outside. The pool also says whether that user may come
 * without a password, which nobody may who has to log in.
 */
export async function authenticate(
  users: Users,
  request: IncomingMessage,
  parameters: URLSearchParams,
  readerOf?: (password: string) => Promise<Reader>,
): Promise<Asker> {
  const given = credentialsOf(request, parameters);
  if (same(given, users.inside)) return { who: 'inside' };
  const isOutside = users.outside !== undefined && same(given, users.outside);
  if (isOutside && (given.password !== '' || readerOf === undefined)) return { who: 'outside', seen: undefined };
  if (readerOf !== undefined && (isOutside || given.password !== '')) {
    const reader = await readerOf(given.password);
    if (reader.reads) return { who: 'outside', seen: reader.seen };
  }
  throw failure(
    'AUTHENTICATION_FAILED',
    `${given.username}: Authentication failed: password is incorrect, or there is no user with such name.`,
  );
}

export function isLoopback(host: string): boolean {
  return /^(127\.|localhost$|::1$)/.test(host);
}

/**
 * A page in someone's browser could reach a server on their loopback under a name of its own (DNS rebinding), and read the answer.
 * A passwordless server on loopback therefore answers only to names that can mean nothing else.
 */
export function checkHost(request: IncomingMessage): void {
  const host = (request.headers.host ?? 'localhost')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost') || isIP(host) !== 0) return;
  throw failure(
    'AUTHENTICATION_FAILED',
    `The host name ${JSON.stringify(host)} is not this machine's: use localhost or an address, or set a password.`,
  );
}

function credentialsOf(request: IncomingMessage, parameters: URLSearchParams): Credentials {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    if (encoded === undefined) throw failure('AUTHENTICATION_FAILED', 'Only basic authentication is supported.');
    const decoded = Buffer.from(encoded, 'base64').toString();
    const colon = decoded.indexOf(':');
    return colon < 0
      ? { username: decoded, password: '' }
      : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return {
    username: header('x-clickhouse-user') ?? parameters.get('user') ?? 'default',
    password: header('x-clickhouse-key') ?? parameters.get('password') ?? '',
  };
}

/** Compares hashes, so that the time taken tells nothing of the secret. */
function same(given: Credentials, wanted: Credentials): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const password = timingSafeEqual(digest(given.password), digest(wanted.password));
  return given.username === wanted.username && password;
}

// The gateway's /auth, as docs/identity.md describes it: what whoever is not logged in yet may ask. Nothing is thrown: every way it can end is
// in the outcome.

/** Longer than a password takes behind a hundred others. */
const TIMEOUT_MS = 20_000;
const STATE_WITHIN_MS = 6_000;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** What a session must do before anything is answered in it. */
export type Owed = 'code' | 'enrolment';

export interface AuthState {
  /** False while the gateway has not read the control log and cannot know who may ask. */
  readonly known: boolean;
  /** Nobody has to log in: the pool has no users. */
  readonly open: boolean;
  readonly setup: boolean;
  readonly oidc: { readonly name: string } | null;
  readonly owed: Owed | null;
  readonly user: Person | null;
}

/** `expiresAt` is null where no session has begun. */
export interface LoggedIn {
  readonly owed: Owed | null;
  readonly expiresAt: string | null;
}

export interface AuthFailure {
  /** The gateway's own, or UNREACHABLE or BAD_ANSWER. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type AuthOutcome<Body> =
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly failure: AuthFailure };

export function askAuthState(): Promise<AuthOutcome<AuthState>> {
  return ask('state', { method: 'GET' }, STATE_WITHIN_MS);
}

/** @param path below `/auth/` */
export function postAuth<Body>(path: string, body: unknown): Promise<AuthOutcome<Body>> {
  const headers = { 'content-type': 'application/json' };
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, TIMEOUT_MS);
}

async function ask<Body>(path: string, init: RequestInit, timeoutMs: number): Promise<AuthOutcome<Body>> {
  let response: Response;
  try {
    response = await fetch(`/auth/${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    return { ok: false, failure: { code: 'UNREACHABLE', message: 'The pool does not answer.' } };
  }
  if (response.status === 204) return { ok: true, body: undefined as Body };
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && typeof body === 'object' && body !== null) return { ok: true, body: body as Body };
  return { ok: false, failure: failureOf(response, body) };
}

function failureOf(response: Response, body: unknown): AuthFailure {
  const { code, message } = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error ?? {};
  if (typeof code !== 'string' || typeof message !== 'string')
    return { code: 'BAD_ANSWER', message: `The pool answered with status ${response.status} and no reason.` };
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
  return { code, message, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
}

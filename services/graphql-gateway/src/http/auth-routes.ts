// /auth: what is done by who is not logged in yet, and what sets or clears the cookie. JSON in and out, POST only but for the state; a page of
// another site is refused. What each answers is described in docs/identity.md.
import { ControlLogError } from '@assay/control-log';
import type { Logger } from '@assay/platform';
import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Accounts, AccountOutcome } from '../identity/accounts.ts';
import { invitedBy } from '../identity/accounts.ts';
import { tokenOf } from '../identity/credentials.ts';
import type { Identity } from '../identity/identity.ts';
import type { Login, LoginOutcome } from '../identity/login.ts';
import type { Client, NewSession } from '../identity/new-session.ts';
import { TooManyPasswords } from '../identity/passwords.ts';
import { clearSessionCookie, setSessionCookie } from '../identity/session-cookie.ts';
import type { SetupLink } from '../identity/setup-link.ts';
import { hashToken } from '../identity/tokens.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { isSameOrigin } from './same-origin.ts';

export interface AuthPorts {
  readonly identity: Identity;
  readonly login: Login;
  readonly accounts: Accounts;
  readonly setup: SetupLink;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Whether and under which name people can log in elsewhere. */
  readonly oidc: { readonly name: string } | undefined;
}

export const AUTH_CODES = [
  'BAD_REQUEST',
  'LOGIN_REFUSED',
  'SECOND_FACTOR_REQUIRED',
  'TOO_MANY_ATTEMPTS',
  'LINK_ENDED',
  'BAD_PASSWORD',
  'UNAUTHENTICATED',
  'OVERLOADED',
  'CONTROL_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;
export type AuthCode = (typeof AUTH_CODES)[number];

const MAX_BODY_BYTES = 16_384;
const text = (most: number) => z.string().min(1).max(most);
/** Whether to answer with the token instead of a cookie: for programs. */
const asToken = z.boolean().optional();

const loginBody = z.strictObject({
  email: text(254),
  password: text(10_000),
  code: text(100).optional(),
  asToken,
});
const codeBody = z.strictObject({ code: text(100) });
const setupBody = z.strictObject({
  token: text(100),
  email: text(254).regex(/^[^\s@<>"]+@[^\s@<>"]+$/),
  name: z.string().trim().min(1).max(100),
  password: text(10_000),
});
const linkBody = z.strictObject({ token: text(100) });
const invitationBody = z.strictObject({ token: text(100), password: text(10_000) });

export function authRoutes(ports: AuthPorts): Router {
  const { identity, login, accounts, setup, metrics } = ports;
  const router = express.Router();
  router.use((request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    if (request.method === 'POST' && !isSameOrigin(request))
      return refuse(response, 403, 'BAD_REQUEST', 'This is for pages of this pool.');
    next();
  });
  router.use(express.json({ limit: MAX_BODY_BYTES }));

  router.get('/state', (request, response) => void response.json(stateOf(request, ports)));

  router.use((_request, response, next) => {
    if (identity.control.isCaughtUp) return next();
    refuse(response, 503, 'CONTROL_UNAVAILABLE', 'The control log has not been read yet. Try again in some seconds.');
  });

  router.post(
    '/login',
    posted(loginBody, async ({ asToken: wantsToken, ...credentials }, request, response) => {
      const outcome = await login.withPassword(credentials, clientOf(request));
      metrics.logins.inc({ method: 'password', outcome: outcome.outcome });
      answerLogin(outcome, response, ports, wantsToken);
    }),
  );

  router.post(
    '/second-factor',
    posted(codeBody, async ({ code }, request, response) => {
      const recognition = identity.recognise(tokenOf(request));
      const { session: id, owed } = recognition.recognised ? recognition.authentication.viewer : {};
      const session = id === undefined ? undefined : identity.control.state.get('session', id);
      if (session === undefined || owed !== 'code')
        return refuse(response, 401, 'UNAUTHENTICATED', 'There is no session that waits for a code.');
      const outcome = await login.withCode(session, code, clientOf(request));
      metrics.logins.inc({ method: 'code', outcome: outcome.outcome });
      answerLogin(outcome, response, ports);
    }),
  );

  router.post('/logout', (request, response, next) => {
    endSession(request, identity)
      .then(() => {
        clearSessionCookie(response);
        response.status(204).end();
      })
      .catch(next);
  });

  router.post(
    '/setup',
    posted(setupBody, async ({ token, ...user }, request, response) => {
      if (!setup.isRight(token)) return linkEnded(response);
      answerAccount(await accounts.makeFirst(user, clientOf(request)), response, ports);
    }),
  );

  router.post(
    '/invitation/look',
    posted(linkBody, async ({ token }, _request, response) => {
      const user = invitedBy(token, identity.control.state, identity.nowUs);
      if (user === undefined) return linkEnded(response);
      const { email, name } = user.body;
      response.json({ email, name });
    }),
  );

  router.post(
    '/invitation',
    posted(invitationBody, async ({ token, password }, request, response) =>
      answerAccount(await accounts.accept(token, password, clientOf(request)), response, ports),
    ),
  );

  return router;
}

/** To be registered last: what went wrong in any of the routes. */
export function authErrors(logger: Logger) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const status = (error as { status?: unknown }).status;
    if (error instanceof TooManyPasswords)
      refuse(response, 503, 'OVERLOADED', 'Too many people log in at once. Try again in a moment.');
    else if (error instanceof ControlLogError)
      refuse(response, 503, 'CONTROL_UNAVAILABLE', 'The control log does not answer. Try again in some seconds.');
    else if (typeof status === 'number' && status < 500)
      refuse(response, status, 'BAD_REQUEST', 'The body could not be read: send JSON, as application/json in UTF-8.');
    else {
      logger.error({ err: error }, 'a login failed unexpectedly');
      refuse(response, 500, 'INTERNAL_SERVER_ERROR', 'Internal error; it is in the log.');
    }
  };
}

/** What the dashboard asks first: whether a login is needed, and how one can be had. */
function stateOf(request: Request, { identity, setup, oidc }: AuthPorts) {
  const recognition = identity.recognise(tokenOf(request));
  const viewer = recognition.recognised ? recognition.authentication.viewer : undefined;
  const user = viewer?.actor.kind === 'user' ? identity.control.state.get('user', viewer.actor.id) : undefined;
  return {
    known: identity.control.isCaughtUp,
    open: viewer?.actor.kind === 'system',
    setup: setup.isOpen,
    oidc: oidc ?? null,
    owed: viewer?.owed ?? null,
    user: user === undefined ? null : { id: user.id, name: user.body.name, email: user.body.email },
  };
}

async function endSession(request: Request, identity: Identity): Promise<void> {
  const token = tokenOf(request);
  const session = token === undefined ? undefined : identity.control.state.find('session', hashToken(token));
  if (session === undefined) return;
  const by = { kind: 'user', id: session.body.user } as const;
  await identity.control.change(by, [{ op: 'remove', kind: 'session', id: session.id }], 'logout');
}

function posted<Body>(
  schema: z.ZodType<Body>,
  handle: (body: Body, request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return (request, response, next) => {
    const body = schema.safeParse(request.body);
    if (body.success) handle(body.data, request, response).catch(next);
    else {
      const fields = body.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
      refuse(response, 400, 'BAD_REQUEST', `Send JSON as described in docs/identity.md: ${fields.join('; ')}.`);
    }
  };
}

export function clientOf(request: Request): Client {
  return { remoteAddress: request.ip ?? '', userAgent: request.headers['user-agent'] ?? '' };
}

function answerLogin(outcome: LoginOutcome, response: Response, ports: AuthPorts, wantsToken = false): void {
  switch (outcome.outcome) {
    case 'in':
      return loggedIn(outcome.session, response, ports, wantsToken);
    case 'code_missing':
      return refuse(response, 401, 'SECOND_FACTOR_REQUIRED', 'Send the code of your second factor as well.');
    case 'refused':
      return refuse(response, 401, 'LOGIN_REFUSED', 'The e-mail address, the password or the code is not right.');
    case 'throttled':
      response.setHeader('Retry-After', String(outcome.retryAfterSeconds));
      return refuse(
        response,
        429,
        'TOO_MANY_ATTEMPTS',
        `Too many attempts: wait for ${outcome.retryAfterSeconds} seconds.`,
      );
    case 'busy':
      return refuse(response, 503, 'OVERLOADED', 'Too many people log in at once. Try again in a moment.');
  }
}

function answerAccount(outcome: AccountOutcome, response: Response, ports: AuthPorts): void {
  switch (outcome.outcome) {
    case 'done':
      if (outcome.session === undefined) return void response.json({ owed: null, expiresAt: null });
      return loggedIn(outcome.session, response, ports, false);
    case 'link_ended':
      return linkEnded(response);
    case 'bad_password':
      return refuse(response, 400, 'BAD_PASSWORD', outcome.message);
    case 'refused':
      return refuse(response, 400, 'BAD_REQUEST', outcome.refusal.message);
  }
}

function loggedIn({ token, body }: NewSession, response: Response, { identity }: AuthPorts, wantsToken: boolean): void {
  const recognition = identity.recognise(token);
  const owed = recognition.recognised ? (recognition.authentication.viewer.owed ?? null) : null;
  const { createdAtUs, expiresAtUs } = body;
  if (!wantsToken) setSessionCookie(response, token, (expiresAtUs - createdAtUs) / 1000);
  response.json({ owed, expiresAt: new Date(expiresAtUs / 1000).toISOString(), ...(wantsToken && { token }) });
}

function linkEnded(response: Response): void {
  refuse(response, 410, 'LINK_ENDED', 'The link has been used or has ended. Ask for a new one.');
}

function refuse(response: Response, status: number, code: AuthCode, message: string): void {
  response.status(status).json({ error: { code, message } });
}

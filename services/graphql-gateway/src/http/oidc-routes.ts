// /auth/oidc: sends the browser to the provider, and takes it when it comes back. These are pages to a browser, so what goes wrong is told to
// the dashboard in the fragment: `/#login=OIDC_REFUSED` or `/#login=OIDC_UNAVAILABLE`.
import type { Logger } from '@assay/platform';
import express, { type Request, type Response, type Router } from 'express';
import { cookieNamed } from '../identity/credentials.ts';
import type { Login } from '../identity/login.ts';
import { boundTo, type Oidc, OIDC_CALLBACK, OidcRefused, userOf } from '../identity/oidc.ts';
import type { Identity } from '../identity/identity.ts';
import { setSessionCookie } from '../identity/session-cookie.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { clientOf } from './auth-routes.ts';

export interface OidcRoutePorts {
  readonly oidc: Oidc;
  readonly login: Login;
  readonly identity: Identity;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

const PENDING_COOKIE = 'assay_oidc';
const SECURE_PENDING_COOKIE = '__Host-assay_oidc';

export function oidcRoutes(ports: OidcRoutePorts): Router {
  const { oidc, logger } = ports;
  const router = express.Router();

  router.get('/oidc', (request, response) => {
    oidc.begin().then(
      ({ url, pending, pendingMs }) => {
        // Lax: the browser comes back from another site, and must bring it.
        const secure = request.secure;
        response.cookie(secure ? SECURE_PENDING_COOKIE : PENDING_COOKIE, pending, {
          path: '/',
          httpOnly: true,
          sameSite: 'lax',
          secure,
          maxAge: pendingMs,
        });
        response.redirect(303, url);
      },
      (error: unknown) => {
        logger.warn({ err: error }, 'the OIDC provider cannot be reached');
        response.redirect(303, '/#login=OIDC_UNAVAILABLE');
      },
    );
  });

  router.get(OIDC_CALLBACK.slice('/auth'.length), (request, response) => {
    comeBack(request, response, ports).catch((error: unknown) => {
      const refused = error instanceof OidcRefused;
      logger.warn({ err: error }, refused ? 'a login by OIDC was refused' : 'a login by OIDC failed');
      ports.metrics.logins.inc({ method: 'oidc', outcome: refused ? 'refused' : 'failed' });
      response.redirect(303, refused ? '/#login=OIDC_REFUSED' : '/#login=OIDC_UNAVAILABLE');
    });
  });

  return router;
}

async function comeBack(request: Request, response: Response, ports: OidcRoutePorts): Promise<void> {
  const { oidc, login, identity, metrics } = ports;
  const pending = cookieNamed(request, SECURE_PENDING_COOKIE) ?? cookieNamed(request, PENDING_COOKIE);
  // Whatever comes of it, it is of no use a second time.
  for (const name of [PENDING_COOKIE, ...(request.secure ? [SECURE_PENDING_COOKIE] : [])])
    response.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'lax', secure: request.secure });
  const vouched = await oidc.finish(request.originalUrl, pending);
  const id = userOf(vouched, identity.control.state);
  if (id === undefined) throw new OidcRefused('there is no such user');
  const method = vouched.secondFactor ? 'oidc+mfa' : 'oidc';
  const outcome = await login.vouched(id, method, clientOf(request), (body) => boundTo(vouched, body, identity.nowUs));
  if (outcome.outcome !== 'in') throw new OidcRefused('the user is disabled, or was not invited with this address');
  metrics.logins.inc({ method: 'oidc', outcome: 'in' });
  const { token, body } = outcome.session;
  setSessionCookie(response, token, (body.expiresAtUs - body.createdAtUs) / 1000);
  response.redirect(303, '/');
}

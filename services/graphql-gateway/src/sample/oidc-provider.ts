// An OpenID Connect provider on loopback, for tests: discovery, keys, authorization and token endpoint, with PKCE and codes that work once. Who
// logs in and what the ID token says is up to the test, so that it can be wrong in every way.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

const CLIENT_ID = 'assay';
const CLIENT_SECRET = 'the secret of the test';

export interface IdTokenMaker {
  (claims: JWTPayload, key: CryptoKey): Promise<string>;
}

interface Grant {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

export class SampleOidcProvider {
  readonly clientId = CLIENT_ID;
  readonly clientSecret = CLIENT_SECRET;
  /** What the provider says of who logs in. */
  claims: JWTPayload = { sub: 'subject-1', email: 'ann@example.org', email_verified: true };
  /** How the ID token is made of the claims. */
  makeIdToken: IdTokenMaker = signed;
  readonly #server: Server;
  readonly #keys: { readonly privateKey: CryptoKey; readonly publicJwk: JWK };
  readonly #grants = new Map<string, Grant>();

  static async start(): Promise<SampleOidcProvider> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
    const provider = new SampleOidcProvider({ privateKey, publicJwk });
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  private constructor(keys: { readonly privateKey: CryptoKey; readonly publicJwk: JWK }) {
    this.#keys = keys;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status = 200, location, body }) => {
          response.writeHead(status, {
            'content-type': 'application/json',
            ...(location !== undefined && { location }),
          });
          response.end(body === undefined ? '' : JSON.stringify(body));
        },
        (error: unknown) => {
          response.writeHead(400, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ error: 'invalid_grant', error_description: String(error) }));
        },
      );
    });
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status?: number; location?: string; body?: unknown }> {
    const url = new URL(request.url!, this.issuer);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return {
          body: {
            issuer: this.issuer,
            authorization_endpoint: `${this.issuer}/authorize`,
            token_endpoint: `${this.issuer}/token`,
            jwks_uri: `${this.issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
            code_challenge_methods_supported: ['S256'],
          },
        };
      case '/keys':
        return { body: { keys: [this.#keys.publicJwk] } };
      case '/authorize':
        return { status: 302, location: this.#authorize(url.searchParams) };
      case '/token':
        return { body: await this.#token(new URLSearchParams(await bodyOf(request)), request.headers.authorization) };
      default:
        return { status: 404 };
    }
  }

  #authorize(query: URLSearchParams): string {
    if (query.get('client_id') !== CLIENT_ID || query.get('response_type') !== 'code')
      throw new Error('unknown client');
    if (query.get('code_challenge_method') !== 'S256') throw new Error('no PKCE');
    const code = randomUUID();
    const redirectUri = query.get('redirect_uri')!;
    this.#grants.set(code, { challenge: query.get('code_challenge')!, nonce: query.get('nonce')!, redirectUri });
    return `${redirectUri}?code=${code}&state=${query.get('state')}`;
  }

  async #token(form: URLSearchParams, authorization: string | undefined): Promise<unknown> {
    const login = `${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(CLIENT_SECRET).replaceAll('%20', '+')}`;
    if (authorization !== `Basic ${btoa(login)}`) throw new Error(`not the client: ${authorization}`);
    const code = form.get('code')!;
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    if (grant === undefined || grant.redirectUri !== form.get('redirect_uri')) throw new Error('no such code');
    const verifier = createHash('sha256').update(form.get('code_verifier')!).digest('base64url');
    if (verifier !== grant.challenge) throw new Error('wrong verifier');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      aud: CLIENT_ID,
      iat: nowSeconds,
      exp: nowSeconds + 300,
      nonce: grant.nonce,
      ...this.claims,
    };
    const idToken = await this.makeIdToken(claims, this.#keys.privateKey);
    return { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: idToken };
  }
}

/** As it should be. */
export function signed(claims: JWTPayload, key: CryptoKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

// Logging in elsewhere: OpenID Connect's authorization code flow with PKCE, through openid-client. What has to be remembered until the browser
// comes back (state, nonce, verifier) is in a cookie of its own, so that a login ends in the browser it began in, at whatever gateway.
// Invariant: nobody is let in who is not a user already: by issuer and subject, or once by the verified e-mail address of an invitation in force.
import * as client from 'openid-client';
import { SettingsError } from '@assay/platform';
import { externalKey, type ControlState, type User } from '@assay/tenancy';

const TIMEOUT_SECONDS = 10;
export const OIDC_CALLBACK = '/auth/oidc/callback';
/** How long somebody may take to log in there. */
const PENDING_MS = 600_000;

export interface OidcSettings {
  readonly oidcIssuer: string;
  readonly oidcClientId: string;
  readonly oidcClientSecret: string;
  readonly publicUrl: string;
}

export interface Begun {
  /** Where the browser goes. */
  readonly url: string;
  /** For the cookie. */
  readonly pending: string;
  readonly pendingMs: number;
}

/** Whom the provider vouches for. */
export interface Vouched {
  readonly issuer: string;
  readonly subject: string;
  /** In lower case; missing unless the provider says that it is theirs. */
  readonly verifiedEmail: string | undefined;
  /** Whether they showed two things there (RFC 8176). */
  readonly secondFactor: boolean;
}

/** What the provider answered will not do, or what came back is not what was begun here. */
export class OidcRefused extends Error {
  override readonly name = 'OidcRefused';
}

export class Oidc {
  readonly #settings: OidcSettings;
  #configuration: Promise<client.Configuration> | undefined;

  /** Undefined where no issuer is set. Throws SettingsError when something is missing. */
  static from(settings: OidcSettings): Oidc | undefined {
    if (settings.oidcIssuer === '') return undefined;
    if (settings.oidcClientId === '' || settings.publicUrl === '')
      throw new SettingsError('ASSAY_OIDC_ISSUER needs ASSAY_OIDC_CLIENT_ID and ASSAY_PUBLIC_URL as well.');
    return new Oidc(settings);
  }

  private constructor(settings: OidcSettings) {
    this.#settings = settings;
  }

  /** Rejects when the provider cannot be reached. */
  async begin(): Promise<Begun> {
    const configuration = await this.#discovered();
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#settings.publicUrl + OIDC_CALLBACK,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, pending: [state, nonce, verifier].join('.'), pendingMs: PENDING_MS };
  }

  /**
   * @param path with the query that the provider sent the browser back with
   * @param pending of the cookie
   * Rejects with OidcRefused, or when the provider cannot be reached.
   */
  async finish(path: string, pending: string | undefined): Promise<Vouched> {
    const parts = (pending ?? '').split('.');
    const [expectedState = '', expectedNonce = '', pkceCodeVerifier = ''] = parts;
    if (parts.length !== 3 || parts.some((part) => part === ''))
      throw new OidcRefused('no login was begun in this browser');
    const configuration = await this.#discovered();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(this.#settings.publicUrl + path), {
        expectedState,
        expectedNonce,
        pkceCodeVerifier,
        idTokenExpected: true,
      });
      return vouched(tokens.claims()!);
    } catch (error) {
      if (isAway(error)) throw error;
      throw new OidcRefused('the provider’s answer will not do', { cause: error });
    }
  }

  /** The provider's metadata, once it has been had; its keys are fetched and renewed by openid-client. */
  #discovered(): Promise<client.Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = undefined;
      throw error;
    });
    return this.#configuration;
  }

  async #discover(): Promise<client.Configuration> {
    const { oidcIssuer, oidcClientId } = this.#settings;
    const issuer = new URL(oidcIssuer);
    const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const found = await client.discovery(issuer, oidcClientId, undefined, client.None(), {
      execute,
      timeout: TIMEOUT_SECONDS,
    });
    const server = found.serverMetadata();
    const configuration = new client.Configuration(server, oidcClientId, undefined, this.#authentication(server));
    configuration.timeout = TIMEOUT_SECONDS;
    for (const each of execute) each(configuration);
    // The ID token comes straight from the provider, so that its signature need not be looked at; it is all the same.
    client.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  #authentication(server: client.ServerMetadata): client.ClientAuth {
    const { oidcClientSecret: secret } = this.#settings;
    if (secret === '') return client.None();
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
  }
}

function vouched({ iss, sub, email, email_verified: verified, amr }: client.IDToken): Vouched {
  return {
    issuer: iss,
    subject: sub,
    verifiedEmail: typeof email === 'string' && verified === true ? email.toLowerCase() : undefined,
    secondFactor: Array.isArray(amr) && amr.includes('mfa'),
  };
}

/** The user vouched for, if there is one. */
export function userOf({ issuer, subject, verifiedEmail }: Vouched, state: ControlState): string | undefined {
  const known = state.find('user', externalKey(issuer, subject)) ?? state.find('user', verifiedEmail ?? '');
  return known?.id;
}

/** The user as they are after the login, bound to who vouches for them; undefined when they are not let in. */
export function boundTo({ issuer, subject, verifiedEmail }: Vouched, body: User, nowUs: number): User | undefined {
  const { external, invitation, ...rest } = body;
  if (external !== undefined) return external.issuer === issuer && external.subject === subject ? body : undefined;
  if (invitation === undefined || invitation.expiresAtUs <= nowUs) return undefined;
  if (body.email.toLowerCase() !== verifiedEmail) return undefined;
  return { ...rest, external: { issuer, subject } };
}

/** The network's fault, and not the answer's. */
function isAway(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
}

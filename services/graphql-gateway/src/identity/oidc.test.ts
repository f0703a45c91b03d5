// Logging in elsewhere, against a real provider on loopback that can be told to be wrong.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '@assay/platform';
import { graphqlGatewaySettings } from '../config.ts';
import { SampleOidcProvider, signed, type IdTokenMaker } from '../sample/oidc-provider.ts';
import { ADMIN, People } from '../sample/people.ts';
import { SampleGateway } from '../sample/sample-gateway.ts';
import { hashToken, newLinkToken } from './tokens.ts';

let provider: SampleOidcProvider;
let pool: SampleGateway;
let people: People;

beforeAll(async () => {
  provider = await SampleOidcProvider.start();
});
afterAll(() => provider.stop());

beforeEach(async () => {
  provider.claims = { sub: 'subject-1', email: 'ann@example.org', email_verified: true };
  provider.makeIdToken = signed;
  const httpPort = await freePort();
  pool = await SampleGateway.start({
    httpPort,
    publicUrl: `http://127.0.0.1:${httpPort}`,
    oidcIssuer: provider.issuer,
    oidcClientId: provider.clientId,
    oidcClientSecret: provider.clientSecret,
    oidcName: 'the test',
  });
  people = new People(pool);
  await people.user('root', [ADMIN]);
});
afterEach(() => pool.stop());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Landing {
  readonly location: string | null;
  readonly session: string | undefined;
}

const hop = (url: string, cookie = ''): Promise<Response> => fetch(url, { redirect: 'manual', headers: { cookie } });

/** What the browser holds when it is sent back from the provider. */
async function toProviderAndBack(): Promise<{ readonly url: string; readonly cookie: string }> {
  const begun = await hop(`${pool.url}/auth/oidc`);
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
  const back = await hop(begun.headers.get('location')!);
  return { url: back.headers.get('location')!, cookie };
}

async function land({ url, cookie }: { readonly url: string; readonly cookie: string }): Promise<Landing> {
  const { headers } = await hop(url, cookie);
  const set = headers.getSetCookie().map((each) => each.split(';')[0]!);
  return { location: headers.get('location'), session: set.find((each) => each.startsWith('assay_session=')) };
}

const login = async (): Promise<Landing> => land(await toProviderAndBack());
const REFUSED: Landing = { location: '/#login=OIDC_REFUSED', session: undefined };
const invitation = (forUs = 3600e6) => ({
  invitation: { tokenHash: hashToken(newLinkToken()), expiresAtUs: pool.clock.nowUs() + forUs },
});
const userBody = (id: string) => pool.control.state.get('user', id)!.body;

describe('a login by OIDC', () => {
  it('lets in who was invited with the address that the provider has verified, and from then on whom it names', async () => {
    await people.user('ann', [], invitation());
    const first = await login();
    expect(first.location).toBe('/');
    expect(await people.state({ cookie: first.session! })).toMatchObject({
      oidc: { name: 'the test' },
      user: { id: 'ann' },
    });
    expect(userBody('ann')).toMatchObject({ external: { issuer: provider.issuer, subject: 'subject-1' } });
    expect(userBody('ann').invitation).toBeUndefined();
    // The subject is what counts now, and not the address.
    provider.claims = { sub: 'subject-1', email: 'other@example.org', email_verified: false };
    expect((await login()).location).toBe('/');
    provider.claims = { sub: 'subject-2', email: 'ann@example.org', email_verified: true };
    expect(await login()).toEqual(REFUSED);
  });

  it.each<[string, JWTPayload, object]>([
    ['whose address the provider has not verified', { sub: 's', email: 'ann@example.org', email_verified: false }, {}],
    ['whose address the provider says nothing about', { sub: 's', email: 'ann@example.org' }, {}],
    [
      'whose address somebody says is verified in other words',
      { sub: 's', email: 'ann@example.org', email_verified: 'true' },
      {},
    ],
    ['who has another address', { sub: 's', email: 'eve@example.org', email_verified: true }, {}],
    ['who was not invited', { sub: 's', email: 'ann@example.org', email_verified: true }, { invitation: undefined }],
    ['whose invitation has ended', { sub: 's', email: 'ann@example.org', email_verified: true }, { expired: true }],
    ['who is disabled', { sub: 's', email: 'ann@example.org', email_verified: true }, { disabled: true }],
  ])('lets nobody in %s', async (_who, claims, { expired, ...more }: { expired?: boolean }) => {
    await people.user('ann', [], { ...invitation(expired === true ? 0 : 3600e6), ...more });
    provider.claims = claims;
    expect(await login()).toEqual(REFUSED);
    expect(pool.control.state.count('session')).toBe(0);
  });

  const nowSeconds = (): number => Math.floor(Date.now() / 1000);
  const resigned =
    (change: (claims: JWTPayload) => JWTPayload): IdTokenMaker =>
    (claims, key) =>
      signed(change(claims), key);
  it.each<[string, IdTokenMaker]>([
    ['that another key signed', async (claims) => signed(claims, (await generateKeyPair('RS256')).privateKey)],
    ['that nothing signed (alg none)', async (claims) => new UnsecuredJWT(claims).encode()],
    [
      'signed with the client’s secret instead',
      (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode('the secret of the test'.padEnd(32))),
    ],
    ['for somebody else', resigned((claims) => ({ ...claims, aud: 'another-pool' }))],
    ['of another issuer', resigned((claims) => ({ ...claims, iss: 'https://evil.example' }))],
    ['that has expired', resigned((claims) => ({ ...claims, iat: nowSeconds() - 900, exp: nowSeconds() - 600 }))],
    ['of another login', resigned((claims) => ({ ...claims, nonce: 'another' }))],
    ['without a nonce', resigned(({ nonce: _none, ...claims }) => claims)],
    ['without a subject', resigned(({ sub: _none, ...claims }) => claims)],
    ['that was altered', async (claims, key) => altered(await signed(claims, key))],
    ['that was cut short', async (claims, key) => (await signed(claims, key)).slice(0, -20)],
  ])('takes no token %s', async (_which, makeIdToken) => {
    await people.user('ann', [], invitation());
    provider.makeIdToken = makeIdToken;
    expect(await login()).toEqual(REFUSED);
    expect(userBody('ann').external).toBeUndefined();
  });

  it('ends once, and in the browser it began in', async () => {
    await people.user('ann', [], invitation());
    const mine = await toProviderAndBack();
    const other = await toProviderAndBack();
    expect(await land({ url: mine.url, cookie: '' })).toEqual(REFUSED);
    expect(await land({ url: mine.url, cookie: other.cookie })).toEqual(REFUSED);
    expect(await land({ url: mine.url.replace(/state=.{5}/, 'state=xxxxx'), cookie: mine.cookie })).toEqual(REFUSED);
    expect((await land(mine)).location).toBe('/');
    expect(await land(mine)).toEqual(REFUSED);
    expect(await land({ url: `${pool.url}/auth/oidc/callback?error=access_denied`, cookie: other.cookie })).toEqual(
      REFUSED,
    );
  });

  it('counts as a second factor only when the provider says that two things were shown', async () => {
    await people.tenant('acme', { requireSecondFactor: true });
    await people.user('ann', [{ role: 'customer', tenant: 'acme' }], invitation());
    expect((await people.state({ cookie: (await login()).session! })).owed).toBe('enrolment');
    provider.claims = { sub: 'subject-1', amr: ['pwd', 'otp', 'mfa'] };
    expect((await people.state({ cookie: (await login()).session! })).owed).toBeNull();
  });

  it('asks for the code of who has a second factor here', async () => {
    await people.user('ann', [], invitation());
    await login();
    const { code } = await people.secondFactor('ann');
    const cookie = (await login()).session!;
    expect((await people.state({ cookie })).owed).toBe('code');
    expect((await people.auth('second-factor', { code: code() }, { cookie })).body.owed).toBeNull();
    expect([...pool.control.state.all('session')].at(-1)!.body.method).toBe('oidc+totp');
  });

  it('says when the provider is away, and goes on when it is back', async () => {
    const away = await SampleGateway.start(
      {
        publicUrl: 'http://127.0.0.1:9',
        oidcIssuer: 'http://127.0.0.1:9',
        oidcClientId: 'assay',
      },
      { control: pool.control },
    );
    expect((await hop(`${away.url}/auth/oidc`)).headers.get('location')).toBe('/#login=OIDC_UNAVAILABLE');
    await away.gateway.stop();
  });

  it('needs an issuer over TLS, or on loopback, and what goes with it', async () => {
    const parse = (issuer: string) => parseSettings(graphqlGatewaySettings, { ASSAY_OIDC_ISSUER: issuer }).oidcIssuer;
    expect(parse('https://login.example.org/realms/farm')).toBe('https://login.example.org/realms/farm');
    for (const wrong of ['http://login.example.org', 'login.example.org', 'ftp://127.0.0.1'])
      expect(() => parse(wrong)).toThrow('ASSAY_OIDC_ISSUER');
    await expect(SampleGateway.start({ oidcIssuer: provider.issuer, oidcClientId: 'assay' })).rejects.toThrow(
      'ASSAY_PUBLIC_URL',
    );
  });
});

/** The same token, with more in it than was signed. */
function altered(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload;
  const other = Buffer.from(JSON.stringify({ ...claims, admin: true })).toString('base64url');
  return [header, other, signature].join('.');
}

// Logging in and out over HTTP, on the real control log.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog, followControl, SampleGateway, TestClock } from '../sample/sample-gateway.ts';
import { ADMIN, PASSWORD, People } from '../sample/people.ts';
import { sweepSessions } from './session-sweep.ts';
import { hashToken } from './tokens.ts';

let pool: SampleGateway;
let people: People;
let more: SampleGateway[];

beforeEach(async () => {
  more = [];
  pool = await SampleGateway.start();
  people = new People(pool);
});

afterEach(async () => {
  for (const each of [pool, ...more]) await each.stop();
});

const codeOf = async (cookie: string | undefined): Promise<number | string> => {
  const { status, errors } = await pool.post(
    JSON.stringify({ query: '{ status { version } }' }),
    cookie === undefined ? {} : { cookie },
  );
  return errors?.[0]?.extensions.code ?? status;
};

describe('a login', () => {
  it('gives a cookie that no script reads and no other site can send, and keeps only the hash of what is in it', async () => {
    await people.user('ann', [ADMIN]);
    const { status, body, headers, cookie } = await people.login('ann');
    expect(status).toBe(200);
    expect(body).toEqual({ owed: null, expiresAt: expect.stringMatching(/Z$/) as string });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^assay_session=session_[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
      ) as string,
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await codeOf(cookie)).toBe(200);
    const token = cookie!.slice('assay_session='.length);
    const [session] = [...pool.control.state.all('session')];
    expect(session!.body).toMatchObject({ user: 'ann', tokenHash: hashToken(token), method: 'password' });
    expect(JSON.stringify(await pool.control.history('session', session!.id, 10))).not.toContain(token);
  });

  it('gives programs the token and no cookie', async () => {
    await people.user('ann', [ADMIN]);
    const { body, cookie } = await people.auth('login', {
      email: 'ann@example.org',
      password: PASSWORD,
      asToken: true,
    });
    expect(cookie).toBeUndefined();
    const { status } = await pool.post(JSON.stringify({ query: '{ status { version } }' }), {
      authorization: `Bearer ${body.token as string}`,
    });
    expect(status).toBe(200);
  });

  it('ends with the logout and after its time, and a session of before gets nowhere', async () => {
    await people.user('ann', [ADMIN]);
    const [one, other] = [await people.cookieOf('ann'), await people.cookieOf('ann')];
    const out = await people.auth('logout', {}, { cookie: one });
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([
      204,
      'assay_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict',
    ]);
    expect([await codeOf(one), await codeOf(other)]).toEqual(['UNAUTHENTICATED', 200]);
    pool.clock.advance(168 * 3600);
    expect(await codeOf(other)).toBe('UNAUTHENTICATED');
    // The session that has ended goes with the next login.
    await people.cookieOf('ann');
    expect(pool.control.state.count('session')).toBe(1);
  });

  it('leaves nothing in the log’s picture when it has expired, though its user does not come back', async () => {
    await people.user('ann', [ADMIN]);
    await people.user('bob');
    await people.cookieOf('ann');
    pool.clock.advance(3600);
    const cookie = await people.cookieOf('bob');
    expect(await sweepSessions(pool)).toBe(0);
    pool.clock.advance(167 * 3600);
    expect(await sweepSessions(pool)).toBe(1);
    expect(pool.control.state.count('session')).toBe(1);
    expect(await codeOf(cookie)).toBe(200);
  });

  it('never takes a token that the browser brought along: there is no fixing of sessions', async () => {
    await people.user('ann', [ADMIN]);
    const brought = `assay_session=session_${'A'.repeat(43)}`;
    const { cookie } = await people.auth(
      'login',
      { email: 'ann@example.org', password: PASSWORD },
      { cookie: brought },
    );
    expect(cookie).not.toBe(brought);
    expect([await codeOf(brought), await codeOf(cookie)]).toEqual(['UNAUTHENTICATED', 200]);
  });

  it('answers the same to a wrong password, to nobody, to who is disabled and to who has no password', async () => {
    await people.user('root', [ADMIN]);
    await people.user('ann');
    await people.user('gone', [], { disabled: true });
    await people.user('invited', [], { passwordHash: undefined });
    const answers = [
      await people.login('ann', undefined, 'wrong horse battery'),
      await people.login('nobody'),
      await people.login('gone'),
      await people.login('invited'),
    ];
    for (const { status, body, cookie } of answers) {
      expect([status, cookie]).toEqual([401, undefined]);
      expect(body).toEqual(answers[0]!.body);
    }
    expect(answers[0]!.body.error.code).toBe('LOGIN_REFUSED');
  });

  it('is let wait after some failures, the same for an account that is none, and rightly after that time', async () => {
    await people.user('ann', [ADMIN]);
    const tries = async (name: string): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for (let i = 0; i < 7; i++) {
        const { status, headers } = await people.login(name, undefined, 'wrong horse battery');
        seen.push([status, headers.get('retry-after')]);
      }
      return seen;
    };
    const ofAnn = await tries('ann');
    expect(ofAnn).toEqual([...Array<unknown>(5).fill([401, null]), [429, '1'], [429, '1']]);
    expect(await tries('nobody')).toEqual(ofAnn);
    expect((await people.login('ann')).body.error.code).toBe('TOO_MANY_ATTEMPTS');
    pool.clock.advance(1);
    expect((await people.login('ann')).status).toBe(200);
  });

  it('hashes the password anew when the parameters have changed', async () => {
    await people.user('ann', [ADMIN]);
    const stricter = await SampleGateway.start({ passwordPasses: 3 }, { control: pool.control });
    more.push(stricter);
    await new People(stricter).cookieOf('ann');
    expect(pool.control.state.get('user', 'ann')!.body.passwordHash).toContain('m=8,t=3,p=1');
    expect((await people.login('ann')).status).toBe(200);
  });

  it('keeps no more than 20 sessions of a user: the oldest gives way', async () => {
    await people.user('ann', [ADMIN]);
    const first = await people.cookieOf('ann');
    for (let i = 0; i < 20; i++) {
      pool.clock.advance(1);
      await people.cookieOf('ann');
    }
    expect(pool.control.state.count('session')).toBe(20);
    expect(await codeOf(first)).toBe('UNAUTHENTICATED');
  });

  it.each<[string, unknown, Record<string, string>, number]>([
    ['from a page of another site', { email: 'a@b.c', password: 'x' }, { origin: 'https://evil.example' }, 403],
    ['from a form', { email: 'a@b.c', password: 'x' }, { 'content-type': 'text/plain' }, 400],
    ['with a field nobody knows', { email: 'a@b.c', password: 'x', admin: true }, {}, 400],
    ['without a password', { email: 'a@b.c' }, {}, 400],
    ['with an object for a password', { email: 'a@b.c', password: { $ne: '' } }, {}, 400],
    ['that is too large', { email: 'a@b.c', password: 'x'.repeat(20_000) }, {}, 413],
  ])('%s is refused', async (_what, body, headers, status) => {
    const answer = await people.auth('login', body, headers);
    expect([answer.status, answer.body.error.code]).toEqual([status, 'BAD_REQUEST']);
  });

  it('over TLS that a trusted proxy ends gives a cookie for TLS and this host alone', async () => {
    const proxied = await SampleGateway.start({ trustedProxies: ['127.0.0.1'] }, { control: pool.control });
    more.push(proxied);
    await people.user('ann', [ADMIN]);
    const credentials = { email: 'ann@example.org', password: PASSWORD };
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
    const { headers } = await new People(proxied).auth('login', credentials, forwarded);
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-assay_session=.*Path=\/;.*HttpOnly; Secure; SameSite=Strict$/);
    // Nobody else is believed.
    expect((await people.auth('login', credentials, forwarded)).headers.getSetCookie()[0]).toMatch(/^assay_session=/);
    const from = [...pool.control.state.all('session')].map(({ body }) => body.remoteAddress);
    expect(from).toEqual(['192.0.2.7', expect.stringContaining('127.0.0.1')]);
  });
});

describe('a second factor', () => {
  it('is asked for once the password is right, and not before', async () => {
    await people.user('ann', [ADMIN]);
    const { code } = await people.secondFactor('ann');
    expect((await people.login('ann')).body.error.code).toBe('SECOND_FACTOR_REQUIRED');
    expect((await people.login('ann', code(), 'wrong horse battery')).body.error.code).toBe('LOGIN_REFUSED');
    expect((await people.login('ann', '000000')).body.error.code).toBe('LOGIN_REFUSED');
    expect((await people.login('ann', code())).status).toBe(200);
    expect([...pool.control.state.all('session')].map(({ body }) => body.method)).toEqual(['password+totp']);
  });

  it('takes no code twice, also not at two gateways at once', async () => {
    const clock = new TestClock();
    const log = await memoryLog(clock);
    const gateways = [];
    for (let i = 0; i < 2; i++) {
      const gateway = await SampleGateway.start({}, { control: await followControl(log) });
      more.push(gateway);
      gateways.push(new People(gateway));
    }
    const [one, other] = gateways as [People, People];
    await one.user('ann', [ADMIN]);
    const { code } = await one.secondFactor('ann');
    await other.user('bob');
    const answers = await Promise.all([one.login('ann', code()), other.login('ann', code())]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await one.login('ann', code())).status).toBe(401);
    expect((await other.login('ann', code(1))).status).toBe(200);
  });

  it('can be replaced by each recovery code once', async () => {
    await people.user('ann', [ADMIN]);
    const { recovery } = await people.secondFactor('ann');
    expect((await people.login('ann', recovery[3])).status).toBe(200);
    expect((await people.login('ann', recovery[3])).status).toBe(401);
    expect((await people.login('ann', recovery[4]!.toUpperCase())).status).toBe(200);
    expect(pool.control.state.get('user', 'ann')!.body.secondFactor!.recoveryHashes).toHaveLength(8);
  });

  it('is guessed no faster than a password', async () => {
    await people.user('ann', [ADMIN]);
    await people.secondFactor('ann');
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await people.login('ann', `00000${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('that a tenant asks for leaves a session without one with nothing but setting it up', async () => {
    await people.tenant('acme', { requireSecondFactor: true });
    await people.user('root', [ADMIN]);
    await people.user('ann', [{ role: 'customer', tenant: 'acme' }]);
    await people.user('eve', []);
    const [{ body, cookie }, ofEve] = [await people.login('ann'), await people.login('eve')];
    expect([body.owed, ofEve.body.owed, (await people.login('root')).body.owed]).toEqual([
      'enrolment',
      null,
      'enrolment',
    ]);
    expect(await codeOf(cookie)).toBe('SECOND_FACTOR_REQUIRED');
    expect(await codeOf(ofEve.cookie)).toBe(200);
    expect((await people.state({ cookie: cookie! })).owed).toBe('enrolment');
  });

  it('set up elsewhere is asked for in sessions that began without, and giving it begins a new one', async () => {
    await people.user('ann', [ADMIN]);
    const cookie = await people.cookieOf('ann');
    const { code } = await people.secondFactor('ann');
    expect(await codeOf(cookie)).toBe('SECOND_FACTOR_REQUIRED');
    expect((await people.auth('second-factor', { code: '123' }, { cookie })).status).toBe(401);
    const given = await people.auth('second-factor', { code: code() }, { cookie });
    expect([given.status, given.body.owed]).toEqual([200, null]);
    expect([await codeOf(cookie), await codeOf(given.cookie)]).toEqual(['UNAUTHENTICATED', 200]);
    expect((await people.auth('second-factor', { code: code(1) }, { cookie: given.cookie! })).status).toBe(401);
    expect((await people.auth('second-factor', { code: code(1) })).status).toBe(401);
  });
});

describe('the first user', () => {
  const first = (token: string, more: object = {}) =>
    people.auth('setup', { token, email: 'ann@example.org', name: 'Ann', password: PASSWORD, ...more });
  const token = () => pool.gateway.setupUrl()!.split('#setup=')[1]!;

  it('is made by the link that the pool prints, once, and may do everything', async () => {
    expect(await people.state()).toEqual({ known: true, open: true, setup: true, oidc: null, owed: null, user: null });
    const link = token();
    expect((await first('x'.repeat(43))).status).toBe(410);
    expect((await first(link, { password: 'ann@example.org' })).body.error.code).toBe('BAD_PASSWORD');
    const { status, cookie } = await first(link);
    expect([status, await codeOf(cookie), await codeOf(undefined)]).toEqual([200, 200, 'UNAUTHENTICATED']);
    expect(await people.state()).toMatchObject({ open: false, setup: false });
    expect(await people.state({ cookie: cookie! })).toMatchObject({ user: { name: 'Ann', email: 'ann@example.org' } });
    expect(pool.gateway.setupUrl()).toBeUndefined();
    expect((await first(link, { email: 'eve@example.org' })).status).toBe(410);
    expect([...pool.control.state.all('user')].map(({ body }) => body.grants)).toEqual([[ADMIN]]);
    expect((await people.login('ann')).status).toBe(200);
  });

  it('of two at once is one', async () => {
    const [link, other] = [token(), 'eve@example.org'];
    const answers = await Promise.all([first(link), first(link, { email: other })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect(pool.control.state.count('user')).toBe(1);
  });

  it('is not made by the link after a day', async () => {
    const link = token();
    pool.clock.advance(86_400);
    expect((await first(link)).status).toBe(410);
    expect(pool.gateway.setupUrl()).toBeUndefined();
    expect(pool.control.state.count('user')).toBe(0);
  });
});

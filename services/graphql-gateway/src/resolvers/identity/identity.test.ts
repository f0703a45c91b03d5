// Users, sessions and keys over GraphQL, on the real control log: what people may do with their own and with others', and what nobody may.
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { totpCode, totpStepAt } from '../../identity/totp.ts';
import { Asker } from '../../sample/asker.ts';
import { ADMIN, PASSWORD, People } from '../../sample/people.ts';
import { SampleGateway } from '../../sample/sample-gateway.ts';

const NEW_PASSWORD = 'staple the battery horse';

let pool: SampleGateway;
let people: People;

beforeEach(async () => {
  pool = await SampleGateway.start();
  people = new People(pool);
});
afterEach(() => pool.stop());

const as = async (name: string, code?: string): Promise<Asker> =>
  new Asker(pool, { cookie: await people.cookieOf(name, code) });
const withKey = (token: string): Asker => new Asker(pool, { authorization: `Bearer ${token}` });

const ACME_ADMIN = { role: 'operator_admin', tenant: 'acme' } as const;
const ACME_CUSTOMER = { role: 'customer', tenant: 'acme' } as const;

async function farm(): Promise<void> {
  await people.tenant('acme');
  await people.tenant('globex');
  await people.user('root', [ADMIN]);
  await people.user('boss', [ACME_ADMIN]);
  await people.user('ann', [ACME_CUSTOMER]);
  await people.user('eve', [{ role: 'operator_admin', tenant: 'globex' }]);
}

const VIEWER =
  '{ viewer { kind owed secondFactorRequired permissions grants { role tenant site } user { id } key { id } session { id current } } }';
const INVITE =
  'mutation ($email: String!, $grants: [GrantInput!]!) { inviteUser(email: $email, name: "Bob", grants: $grants) { user { id email invitedUntil hasPassword grants { role tenant } } path url expiresAt } }';
const CREATE_KEY =
  'mutation ($only: [Permission!], $at: DateTime) { createApiKey(name: "a script", only: $only, expiresAt: $at) { token key { id shown only expiresAt } } }';

describe('the viewer', () => {
  it('is nobody in particular while the pool is open, and cannot make users then', async () => {
    const anybody = new Asker(pool);
    expect((await anybody.data(VIEWER)).viewer).toMatchObject({ kind: 'OPEN', user: null, session: null, owed: null });
    expect(
      await anybody.code(INVITE, { email: 'eve@example.org', grants: [{ role: 'OPERATOR_ADMIN', tenant: '*' }] }),
    ).toBe('SETUP_REQUIRED');
    expect(await anybody.code(CREATE_KEY)).toBe('SETUP_REQUIRED');
    expect(
      await anybody.code(
        'mutation { createServiceKey(name: "x", grants: [{ role: OPERATOR_ADMIN, tenant: "*" }]) { token } }',
      ),
    ).toBe('SETUP_REQUIRED');
    expect(pool.control.state.count('user') + pool.control.state.count('api_key')).toBe(0);
  });

  it('is a user with a session, or a key', async () => {
    await farm();
    const ann = await as('ann');
    expect((await ann.data(VIEWER)).viewer).toMatchObject({
      kind: 'USER',
      user: { id: 'ann' },
      key: null,
      session: { current: true },
      grants: [{ role: 'CUSTOMER', tenant: 'acme', site: null }],
      permissions: ['FLEET_VIEW', 'MONEY_VIEW', 'ALERT_EDIT', 'ALERT_ACKNOWLEDGE'],
    });
    const { createApiKey: made } = await ann.data(CREATE_KEY, { only: ['FLEET_VIEW'] });
    expect((await withKey(made.token).data(VIEWER)).viewer).toMatchObject({
      kind: 'KEY',
      user: { id: 'ann' },
      key: { id: made.key.id },
      session: null,
      permissions: ['FLEET_VIEW'],
    });
  });
});

describe('users', () => {
  it('are seen by who may edit them, and by themselves', async () => {
    await farm();
    const seen = async (name: string): Promise<string[]> =>
      (await (await as(name)).data('{ users { totalCount nodes { id } } }')).users.nodes.map(
        ({ id }: { id: string }) => id,
      );
    expect(await seen('root')).toEqual(['root', 'boss', 'ann', 'eve']);
    expect(await seen('boss')).toEqual(['boss', 'ann']);
    expect(await seen('ann')).toEqual([]);
    expect(await seen('eve')).toEqual(['eve']);
    const ann = await as('ann');
    const one = 'query ($id: ID!) { user(id: $id) { email sessions { id } apiKeys { id } } }';
    expect((await ann.data(one, { id: 'ann' })).user).toMatchObject({ email: 'ann@example.org' });
    for (const id of ['boss', 'eve', 'nobody']) expect((await ann.data(one, { id })).user).toBeNull();
  });

  it('come in pages', async () => {
    await farm();
    const root = await as('root');
    const page = async (after: string | null) =>
      (
        await root.data(
          'query ($after: String) { users(first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
          { after },
        )
      ).users;
    const first = await page(null);
    expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(['root', 'boss', 'ann']);
    const second = await page(first.pageInfo.endCursor);
    expect([second.nodes, second.pageInfo.hasNextPage]).toEqual([[{ id: 'eve' }], false]);
    expect(await root.code('{ users(after: "nonsense") { totalCount } }')).toBe('INVALID_CURSOR');
  });

  it('are invited with what the one who invites has, follow the link once, and log in', async () => {
    await farm();
    const boss = await as('boss');
    const grants = [{ role: 'TECHNICIAN', tenant: 'acme', site: 'acme.north' }];
    const { inviteUser: invited } = await boss.data(INVITE, { email: 'bob@example.org', grants });
    expect(invited).toMatchObject({ url: null, user: { hasPassword: false, grants: [{ role: 'TECHNICIAN' }] } });
    const token = invited.path.split('#invitation=')[1] as string;
    expect(JSON.stringify(await pool.control.history('user', invited.user.id, 10))).not.toContain(token);
    expect((await people.auth('invitation/look', { token })).body).toEqual({ email: 'bob@example.org', name: 'Bob' });
    expect((await people.auth('invitation', { token, password: 'short' })).body.error.code).toBe('BAD_PASSWORD');
    const accepted = await people.auth('invitation', { token, password: NEW_PASSWORD });
    expect((await new Asker(pool, { cookie: accepted.cookie! }).data(VIEWER)).viewer.user.id).toBe(invited.user.id);
    for (const path of ['invitation', 'invitation/look'])
      expect((await people.auth(path, { token, ...(path === 'invitation' && { password: PASSWORD }) })).status).toBe(
        410,
      );
    expect((await people.login('bob', undefined, NEW_PASSWORD)).status).toBe(200);

    const refused: [string, object, string][] = [
      ['eve@example.com', { role: 'OPERATOR_ADMIN', tenant: '*' }, 'FORBIDDEN'],
      ['eve@example.com', { role: 'CUSTOMER', tenant: 'globex' }, 'FORBIDDEN'],
      // There is none, which is not for everybody to know.
      ['eve@example.com', { role: 'CUSTOMER', tenant: 'initech' }, 'FORBIDDEN'],
      ['eve@example.com', { role: 'TECHNICIAN', tenant: 'acme', site: 'globex.north' }, 'BAD_USER_INPUT'],
      ['ANN@example.org', { role: 'CUSTOMER', tenant: 'acme' }, 'DUPLICATE'],
      ['no address', { role: 'CUSTOMER', tenant: 'acme' }, 'BAD_USER_INPUT'],
    ];
    for (const [email, grant, code] of refused)
      expect(await boss.code(INVITE, { email, grants: [grant] }), email).toBe(code);
    const unknown = { email: 'eve@example.com', grants: [{ role: 'CUSTOMER', tenant: 'initech' }] };
    expect(await (await as('root')).code(INVITE, unknown)).toBe('BAD_USER_INPUT');
    expect(
      await (await as('ann')).code(INVITE, { email: 'x@example.org', grants: [{ role: 'CUSTOMER', tenant: 'acme' }] }),
    ).toBe('FORBIDDEN');
  });

  it('whose invitation has ended, or was replaced, cannot follow it', async () => {
    await farm();
    const boss = await as('boss');
    const { inviteUser: first } = await boss.data(INVITE, {
      email: 'bob@example.org',
      grants: [{ role: 'CUSTOMER', tenant: 'acme' }],
    });
    const renew = 'mutation ($user: ID!) { renewInvitation(user: $user) { path } }';
    const { renewInvitation: second } = await boss.data(renew, { user: first.user.id });
    const look = async ({ path }: { path: string }) =>
      (await people.auth('invitation/look', { token: path.split('=')[1] })).status;
    expect([await look(first), await look(second)]).toEqual([410, 200]);
    pool.clock.advance(7 * 86_400);
    expect(await look(second)).toBe(410);
    expect(await (await as('eve')).code(renew, { user: first.user.id })).toBe('NOT_FOUND');
  });

  it('who lost their password get a link; their sessions end when it is followed, and their second factor stays', async () => {
    await farm();
    const before = await as('ann');
    const { code } = await people.secondFactor('ann');
    const boss = await as('boss');
    const { renewInvitation } = await boss.data('mutation { renewInvitation(user: "ann") { path } }');
    const token = renewInvitation.path.split('=')[1];
    const accepted = await people.auth('invitation', { token, password: NEW_PASSWORD });
    expect([accepted.status, accepted.cookie, accepted.body]).toEqual([
      200,
      undefined,
      { owed: null, expiresAt: null },
    ]);
    expect(await before.code(VIEWER)).toBe('UNAUTHENTICATED');
    expect((await people.login('ann')).body.error.code).toBe('LOGIN_REFUSED');
    expect((await people.login('ann', code(), NEW_PASSWORD)).status).toBe(200);
  });

  it('are changed at the version seen, disabled at once everywhere, and removed with all that is theirs', async () => {
    await farm();
    const [boss, ann] = [await as('boss'), await as('ann')];
    await ann.data(CREATE_KEY);
    const change =
      'mutation ($version: Int!, $disabled: Boolean, $grants: [GrantInput!]) { changeUser(id: "ann", version: $version, disabled: $disabled, grants: $grants) { version disabled } }';
    const { version } = pool.control.state.get('user', 'ann')!;
    expect(await boss.code(change, { version: version + 1, disabled: true })).toBe('CONFLICT');
    expect(await ann.code(change, { version, grants: [{ role: 'OPERATOR_ADMIN', tenant: 'acme' }] })).toBe('FORBIDDEN');
    expect(await boss.code(change, { version, grants: [{ role: 'OPERATOR_ADMIN', tenant: 'globex' }] })).toBe(
      'FORBIDDEN',
    );
    expect((await boss.data(change, { version, disabled: true })).changeUser).toEqual({
      version: version + 1,
      disabled: true,
    });
    expect(await ann.code(VIEWER)).toBe('UNAUTHENTICATED');
    expect(pool.control.state.count('api_key')).toBe(1);
    expect((await boss.data('mutation { removeUser(id: "ann") }')).removeUser).toBe(true);
    expect(pool.control.state.count('api_key')).toBe(0);
    expect(await boss.code('mutation { removeUser(id: "eve") }')).toBe('NOT_FOUND');
    expect(await (await as('root')).code('mutation { removeUser(id: "root") }')).toBe('BAD_USER_INPUT');
  });
});

describe('one’s own password and second factor', () => {
  const CHANGE =
    'mutation ($current: String!, $password: String!) { changePassword(current: $current, password: $password) }';

  it('the password is changed by who knows it, which ends all other sessions', async () => {
    await farm();
    const [here, elsewhere] = [await as('ann'), await as('ann')];
    expect(await here.code(CHANGE, { current: 'wrong', password: NEW_PASSWORD })).toBe('WRONG_CODE');
    expect(await here.code(CHANGE, { current: PASSWORD, password: 'ann@example.org' })).toBe('BAD_USER_INPUT');
    await here.data(CHANGE, { current: PASSWORD, password: NEW_PASSWORD });
    expect([await here.code(VIEWER), await elsewhere.code(VIEWER)]).toEqual([undefined, 'UNAUTHENTICATED']);
    expect((await people.login('ann')).status).toBe(401);
    expect((await people.login('ann', undefined, NEW_PASSWORD)).status).toBe(200);
  });

  it('the password cannot be guessed from an open session either', async () => {
    await farm();
    const ann = await as('ann');
    const guesses: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) guesses.push(await ann.code(CHANGE, { current: `guess ${i}`, password: NEW_PASSWORD }));
    expect(guesses).toEqual([...Array<string>(5).fill('WRONG_CODE'), 'TOO_MANY_ATTEMPTS']);
    expect(await ann.code(CHANGE, { current: PASSWORD, password: NEW_PASSWORD })).toBe('TOO_MANY_ATTEMPTS');
  });

  it('a second factor is set up by a code of it, asked for from then on, and removed by a code', async () => {
    await people.tenant('acme', { requireSecondFactor: true });
    await people.user('root', []);
    await people.user('ann', [ACME_CUSTOMER]);
    const ann = await as('ann');
    expect((await ann.data(VIEWER)).viewer).toMatchObject({
      owed: 'ENROLMENT',
      permissions: [],
      secondFactorRequired: true,
    });
    for (const query of [
      '{ users { totalCount } }',
      CREATE_KEY,
      'mutation { revokeOtherSessions }',
      '{ ...f } fragment f on Query { status { version } }',
    ])
      expect(await ann.code(query), query).toBe('SECOND_FACTOR_REQUIRED');
    const begin = 'mutation { beginSecondFactor { secret uri enrolment } }';
    const confirm =
      'mutation ($enrolment: String!, $code: String!) { confirmSecondFactor(enrolment: $enrolment, code: $code) }';
    const { beginSecondFactor: begun } = await ann.data(begin);
    expect(begun.uri).toBe(`otpauth://totp/Assay:ann%40example.org?secret=${begun.secret}&issuer=Assay`);
    const codeNow = (steps = 0): string => totpCode(begun.secret, totpStepAt(pool.clock.nowUs()) + steps);
    const { enrolment } = begun;
    expect(await ann.code(confirm, { enrolment, code: '000000' })).toBe('WRONG_CODE');
    expect(await ann.code(confirm, { enrolment: `${enrolment.slice(0, -4)}AAAA`, code: codeNow() })).toBe(
      'BAD_USER_INPUT',
    );
    const { confirmSecondFactor: recovery } = await ann.data(confirm, { enrolment, code: codeNow() });
    expect(recovery).toHaveLength(10);
    expect((await ann.data(VIEWER)).viewer).toMatchObject({
      owed: null,
      permissions: expect.arrayContaining(['FLEET_VIEW']) as unknown,
    });
    const written = JSON.stringify(await pool.control.history('user', 'ann', 100));
    for (const told of [begun.secret, ...recovery]) expect(written).not.toContain(told);

    // The code it was set up with is used.
    expect((await people.login('ann', codeNow())).status).toBe(401);
    expect((await people.login('ann', codeNow(1))).status).toBe(200);
    expect(await ann.code('mutation ($code: String!) { removeSecondFactor(code: $code) }', { code: recovery[0] })).toBe(
      'FORBIDDEN',
    );
    const renew = 'mutation ($code: String!) { renewRecoveryCodes(code: $code) }';
    const { renewRecoveryCodes: renewed } = await ann.data(renew, { code: recovery[0] });
    expect((await people.login('ann', recovery[1])).status).toBe(401);
    expect((await people.login('ann', renewed[1])).status).toBe(200);
    await people.tenant('acme', { requireSecondFactor: false });
    expect(await ann.code('mutation { removeSecondFactor(code: "123456") }')).toBe('WRONG_CODE');
    await ann.data('mutation ($code: String!) { removeSecondFactor(code: $code) }', { code: renewed[2] });
    expect((await people.login('ann')).status).toBe(200);
  });

  it('an enrolment is of the user who began it, and ends after ten minutes', async () => {
    await farm();
    const [ann, boss] = [await as('ann'), await as('boss')];
    const { beginSecondFactor: begun } = await ann.data('mutation { beginSecondFactor { secret enrolment } }');
    const confirm =
      'mutation ($enrolment: String!, $code: String!) { confirmSecondFactor(enrolment: $enrolment, code: $code) }';
    const given = () => ({ enrolment: begun.enrolment, code: totpCode(begun.secret, totpStepAt(pool.clock.nowUs())) });
    expect(await boss.code(confirm, given())).toBe('BAD_USER_INPUT');
    pool.clock.advance(600);
    expect(await ann.code(confirm, given())).toBe('BAD_USER_INPUT');
  });

  it('a second factor that is lost is taken away by who may edit the user, and by nobody else', async () => {
    await farm();
    const { code } = await people.secondFactor('ann');
    const ann = await as('ann', code());
    const reset = 'mutation { resetSecondFactor(user: "ann") { hasSecondFactor } }';
    expect(await ann.code(reset)).toBe('FORBIDDEN');
    expect(await (await as('eve')).code(reset)).toBe('NOT_FOUND');
    expect((await (await as('boss')).data(reset)).resetSecondFactor.hasSecondFactor).toBe(false);
    expect(await ann.code(VIEWER)).toBe('UNAUTHENTICATED');
    expect((await people.login('ann')).status).toBe(200);
  });

  it('what would let somebody stay asks for a recent login', async () => {
    await farm();
    const ann = await as('ann');
    pool.clock.advance(900);
    for (const query of [
      CREATE_KEY,
      'mutation { beginSecondFactor { uri } }',
      'mutation { renewInvitation(user: "ann") { path } }',
    ])
      expect(await ann.code(query), query).toBe('RECENT_LOGIN_REQUIRED');
    expect(await (await as('ann')).code(CREATE_KEY)).toBeUndefined();
  });
});

describe('sessions', () => {
  it('are listed and ended by their user and by who may edit them', async () => {
    await farm();
    const [here, there, boss, eve] = [await as('ann'), await as('ann'), await as('boss'), await as('eve')];
    const list = async (who: Asker) =>
      (await who.data('{ user(id: "ann") { sessions { id current method remoteAddress } } }')).user?.sessions;
    expect(await list(eve)).toBeUndefined();
    expect(await list(boss)).toHaveLength(2);
    const sessions = await list(here);
    const other = sessions.find(({ current }: { current: boolean }) => !current).id as string;
    const revoke = 'mutation ($id: ID!) { revokeSession(id: $id) }';
    expect(await eve.code(revoke, { id: other })).toBe('NOT_FOUND');
    await here.data(revoke, { id: other });
    expect([await there.code(VIEWER), await here.code(VIEWER)]).toEqual(['UNAUTHENTICATED', undefined]);
    await as('ann');
    await as('ann');
    expect((await here.data('mutation { revokeOtherSessions }')).revokeOtherSessions).toBe(2);
    await boss.data(revoke, { id: (await list(here))[0].id });
    expect(await here.code(VIEWER)).toBe('UNAUTHENTICATED');
  });
});

describe('API keys', () => {
  it('are shown once, do what their user may and no more than they were made for, and end', async () => {
    await farm();
    const boss = await as('boss');
    const at = new Date(pool.clock.nowUs() / 1000 + 3_600_000).toISOString();
    const { createApiKey: made } = await boss.data(CREATE_KEY, { only: ['USER_EDIT'], at });
    expect(made.token).toMatch(/^assay_[a-z2-7]{10}_[\w-]{43}$/);
    expect(made.key).toMatchObject({ shown: made.token.slice(0, 16), only: ['USER_EDIT'], expiresAt: at });
    expect(JSON.stringify(await pool.control.history('api_key', made.key.id, 10))).not.toContain(made.token);
    const key = withKey(made.token);
    expect((await key.data('{ users { totalCount } }')).users.totalCount).toBe(2);
    // To edit users is not to become them: neither keys nor links of others, nor anything of its own user's.
    for (const query of [
      CREATE_KEY,
      'mutation { changePassword(current: "x", password: "y") }',
      'mutation { beginSecondFactor { uri } }',
      'mutation { renewInvitation(user: "ann") { path } }',
      'mutation { createServiceKey(name: "x", grants: [{ role: OPERATOR_ADMIN, tenant: "acme" }]) { token } }',
    ])
      expect(await key.code(query), query).toBe('FORBIDDEN');
    expect(await key.code('mutation { renewInvitation(user: "eve") { path } }')).toBe('NOT_FOUND');
    pool.clock.advance(3600);
    expect(await key.code(VIEWER)).toBe('UNAUTHENTICATED');
    expect(await (await as('boss')).code(CREATE_KEY, { at })).toBe('BAD_USER_INPUT');
  });

  it('of services have grants of their own, which who makes them must have', async () => {
    await farm();
    const boss = await as('boss');
    const create =
      'mutation ($grants: [GrantInput!]!) { createServiceKey(name: "the alerter", grants: $grants) { token key { id grants { role tenant } } } }';
    expect(await boss.code(create, { grants: [{ role: 'AUDITOR', tenant: '*' }] })).toBe('FORBIDDEN');
    expect(await boss.code(create, { grants: [] })).toBe('FORBIDDEN');
    const { createServiceKey: made } = await boss.data(create, { grants: [{ role: 'DATA_READER', tenant: 'acme' }] });
    expect((await withKey(made.token).data(VIEWER)).viewer).toMatchObject({
      kind: 'KEY',
      user: null,
      permissions: ['FLEET_VIEW', 'SQL_READ'],
    });
    expect((await boss.data('{ serviceKeys { nodes { id } totalCount } }')).serviceKeys).toEqual({
      nodes: [{ id: made.key.id }],
      totalCount: 1,
    });
    const revoke = 'mutation ($id: ID!) { revokeApiKey(id: $id) }';
    expect(await (await as('eve')).code(revoke, { id: made.key.id })).toBe('NOT_FOUND');
    expect((await (await as('eve')).data('{ serviceKeys { totalCount } }')).serviceKeys.totalCount).toBe(0);
    await boss.data(revoke, { id: made.key.id });
    expect(await withKey(made.token).code(VIEWER)).toBe('UNAUTHENTICATED');
  });
});

describe('mutations', () => {
  it('are taken by POST alone', async () => {
    await farm();
    const cookie = await people.cookieOf('ann');
    const query = encodeURIComponent('mutation { revokeOtherSessions }');
    const get = await fetch(`${pool.url}/graphql?query=${query}`, {
      headers: { cookie, 'apollo-require-preflight': '1' },
    });
    expect(get.status).toBe(405);
    class Socket extends WebSocket {
      constructor(address: string, protocol: string) {
        super(address, protocol, { headers: { cookie } });
      }
    }
    const client = createClient({ url: `${pool.url.replace('http', 'ws')}/graphql`, webSocketImpl: Socket });
    const error = await new Promise((resolve) =>
      client.subscribe(
        { query: 'mutation { revokeOtherSessions }' },
        { next: resolve, error: resolve, complete: () => resolve('complete') },
      ),
    );
    await client.dispose();
    expect(error).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  it('are counted as such', async () => {
    await farm();
    await (await as('ann')).data('mutation { revokeOtherSessions }');
    expect(await pool.registry.metrics()).toMatch(
      /assay_graphql_operations_total\{kind="mutation",transport="http",code="ok"\} 1/,
    );
  });
});

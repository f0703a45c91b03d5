import { describe, expect, test } from 'vitest';
import type { Grant } from '../access/roles.ts';
import type { ObjectChange } from './change-record.ts';
import type { Actor, RefusalCode } from './control-object.ts';
import { ControlState, type ChangeOutcome } from './control-state.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const HOUR_US = 3_600_000_000;

const put = (kind: string, id: string, body: unknown, expect?: number): ObjectChange => ({
  op: 'put',
  kind,
  id,
  body,
  ...(expect === undefined ? {} : { expect }),
});
const remove = (kind: string, id: string, expect?: number): ObjectChange => ({
  op: 'remove',
  kind,
  id,
  ...(expect === undefined ? {} : { expect }),
});
const tenant = (more: object = {}) => ({ name: 'A tenant', kind: 'hosting', autoRegister: true, ...more });
const worker = (more: object = {}) => ({ standing: 'active', tags: [], ...more });
const user = (email: string, grants: readonly Grant[], more: object = {}) => ({
  email,
  name: 'Somebody',
  grants,
  disabled: false,
  ...more,
});
const ADMIN: Grant = { role: 'operator_admin', tenant: '*' };

class Fold {
  readonly state = new ControlState();
  #records = 0;

  change(changes: readonly ObjectChange[], by: Actor = TOOL, atUs = 1_000_000): ChangeOutcome {
    return this.state.apply({ type: 'change', request: `r${++this.#records}`, by, changes }, atUs);
  }

  /** Changes that a test stands on. */
  given(...changes: readonly ObjectChange[]): this {
    expect(this.change(changes)).toMatchObject({ applied: true });
    return this;
  }
}

const refusal = (outcome: ChangeOutcome): RefusalCode | undefined =>
  outcome.applied ? undefined : outcome.refusal.code;

const acme = (): Fold => new Fold().given(put('tenant', 'acme', tenant()), put('tenant', 'globex', tenant()));

describe('a change', () => {
  test('makes, changes and removes an object, and counts its versions', () => {
    const fold = acme();
    fold.change([put('worker', 'acme.north.m1', worker({ expectedHashRateHs: 1e14 }), 0)], TOOL, 5);
    expect(fold.state.get('worker', 'acme.north.m1')).toMatchObject({ version: 1, createdAtUs: 5, changedAtUs: 5 });
    fold.change([put('worker', 'acme.north.m1', worker(), 1)], { kind: 'system', id: 'tool' }, 9);
    expect(fold.state.get('worker', 'acme.north.m1')).toMatchObject({
      version: 2,
      createdAtUs: 5,
      changedAtUs: 9,
      changedBy: { id: 'tool' },
      body: worker(),
    });
    expect(fold.change([remove('worker', 'acme.north.m1', 2)])).toMatchObject({
      applied: true,
      changed: [{ kind: 'worker', id: 'acme.north.m1', object: undefined }],
    });
    expect(fold.state.get('worker', 'acme.north.m1')).toBeUndefined();
    expect(fold.state.workersOf('acme')).toBe(0);
  });

  test.each<[string, RefusalCode, ObjectChange[]]>([
    ['of another version', 'conflict', [put('tenant', 'acme', tenant(), 2)]],
    ['of something new that is there', 'conflict', [put('tenant', 'acme', tenant(), 0)]],
    ['of something that is not there', 'not_found', [put('tenant', 'initech', tenant(), 1)]],
    ['that removes what is not there', 'not_found', [remove('tenant', 'initech')]],
    ['of an unknown kind', 'malformed', [put('coin', 'acme', {})]],
    ['with an unknown field', 'malformed', [put('tenant', 'acme', tenant({ colour: 'red' }))]],
    ['of a worker of no tenant', 'unknown_reference', [put('worker', 'initech.m1', worker())]],
    ["with a name that is no worker's", 'invalid', [put('worker', 'acme.<b>', worker())]],
    ['of a site that is none', 'invalid', [put('site', 'acme.north.r1', { name: 'North' })]],
    ['that removes what is named', 'in_use', [put('worker', 'acme.m1', worker()), remove('tenant', 'acme')]],
    [
      'with an e-mail address that is taken',
      'duplicate',
      [put('user', 'u1', user('Ann@example.org', [ADMIN])), put('user', 'u2', user('ann@EXAMPLE.org', []))],
    ],
    [
      'that takes the last administrator away',
      'invalid',
      [put('user', 'u1', user('ann@example.org', [ADMIN])), put('user', 'u1', user('ann@example.org', []))],
    ],
    [
      'of more workers than the tenant may have',
      'limit',
      [
        put('tenant', 'acme', tenant({ maxWorkers: 1 })),
        put('worker', 'acme.a', worker()),
        put('worker', 'acme.b', worker()),
      ],
    ],
  ])('%s is refused as %s, and leaves no trace', (_what, code, changes) => {
    const fold = acme();
    const before = JSON.stringify(contents(fold.state));
    expect(refusal(fold.change([put('worker', 'globex.first', worker()), ...changes]))).toBe(code);
    expect(JSON.stringify(contents(fold.state))).toBe(before);
    expect(fold.state.workersOf('acme') + fold.state.workersOf('globex')).toBe(0);
    fold.given(put('worker', 'acme.after', worker()));
  });

  test('that is no change record is refused', () => {
    expect(new ControlState().apply({ type: 'change' }, 0)).toMatchObject({ refusal: { code: 'malformed' } });
  });
});

describe('ownership', () => {
  const owned = (of: string, fraction: number, fromUs: number, untilUs?: number) => ({
    of,
    holder: 'globex',
    fraction,
    fromUs,
    ...(untilUs === undefined ? {} : { untilUs }),
  });

  test('never gives away more than all of a worker, whether of it or of its site', () => {
    const fold = acme().given(
      put('ownership', 'o1', owned('acme.north', 0.6, 10, 20)),
      put('ownership', 'o2', owned('acme.north.m1', 0.4, 0)),
    );
    expect(refusal(fold.change([put('ownership', 'o3', owned('acme.north.m1', 0.1, 15))]))).toBe('invalid');
    expect(refusal(fold.change([put('ownership', 'o3', owned('acme.north.m1', 0.1, 5))]))).toBe('invalid');
    fold.given(put('ownership', 'o3', owned('acme.north.m1', 0.6, 20)));
    fold.given(put('ownership', 'o4', owned('acme.south', 1, 0)));
    expect(fold.state.ownershipsOf('globex').map(({ id }) => id)).toEqual(['o1', 'o2', 'o3', 'o4']);
  });
});

describe('permission', () => {
  const ann: Actor = { kind: 'user', id: 'ann' };
  const fold = (grants: readonly Grant[]): Fold =>
    acme().given(
      put('worker', 'acme.north.m1', worker()),
      put('worker', 'acme.south.m1', worker()),
      put('user', 'root', user('root@example.org', [ADMIN])),
      put('user', 'ann', user('ann@example.org', grants)),
    );

  test.each<[Grant, string, boolean]>([
    [{ role: 'site_manager', tenant: 'acme', site: 'acme.north' }, 'acme.north.m1', true],
    [{ role: 'site_manager', tenant: 'acme', site: 'acme.north' }, 'acme.south.m1', false],
    [{ role: 'site_manager', tenant: 'acme' }, 'acme.south.m1', true],
    [{ role: 'site_manager', tenant: 'globex' }, 'acme.south.m1', false],
    [{ role: 'technician', tenant: '*' }, 'acme.south.m1', false],
    [ADMIN, 'acme.south.m1', true],
  ])('of %j to change worker %s: %s', (grant, id, allowed) => {
    expect(fold([grant]).change([put('worker', id, worker({ tags: ['x'] }))], ann).applied).toBe(allowed);
  });

  test('that somebody does not have they cannot give, not to themselves either', () => {
    const state = fold([{ role: 'operator_admin', tenant: 'acme' }]);
    const give = (id: string, grants: readonly Grant[]) =>
      refusal(state.change([put('user', id, user(`${id}@example.org`, grants))], ann));
    expect(give('bob', [{ role: 'technician', tenant: 'acme' }])).toBeUndefined();
    expect(give('bob', [{ role: 'technician', tenant: 'globex' }])).toBe('forbidden');
    expect(give('ann', [ADMIN])).toBe('forbidden');
    expect(give('root', [{ role: 'technician', tenant: 'acme' }])).toBe('forbidden');
    expect(give('eve', [])).toBe('forbidden');
  });

  test('is not needed to change what is one’s own, but for grants', () => {
    const customer: Grant = { role: 'customer', tenant: 'acme' };
    const state = fold([customer]);
    const own = (more: object) =>
      refusal(state.change([put('user', 'ann', user('ann@example.org', [customer], more))], ann));
    expect(own({ passwordHash: '$argon2id$…' })).toBeUndefined();
    expect(own({ grants: [{ role: 'operator_admin', tenant: 'acme' }] })).toBe('forbidden');
    expect(own({ grants: [] })).toBe('forbidden');
  });

  test('ends when the user is disabled', () => {
    const state = fold([ADMIN]);
    state.given(put('user', 'ann', user('ann@example.org', [ADMIN], { disabled: true })));
    expect(refusal(state.change([put('tenant', 'acme', tenant())], ann))).toBe('forbidden');
  });

  test('of a key is what its user has, less what the key leaves out, until it expires', () => {
    const key = { name: 'a script', user: 'ann', grants: [], tokenHash: 'h', shown: 'assay_', createdAtUs: 0 };
    const state = fold([ADMIN]).given(
      put('api_key', 'k1', { ...key, only: ['worker.edit'], expiresAtUs: HOUR_US }),
      put('api_key', 'k2', { ...key, tokenHash: 'i' }),
    );
    const by: Actor = { kind: 'key', id: 'k1' };
    expect(refusal(state.change([put('worker', 'acme.north.m1', worker())], by, HOUR_US - 1))).toBeUndefined();
    expect(refusal(state.change([put('worker', 'acme.north.m1', worker())], by, HOUR_US))).toBe('forbidden');
    expect(refusal(state.change([put('tenant', 'acme', tenant())], by, 0))).toBe('forbidden');
    expect(refusal(state.change([put('tenant', 'acme', tenant())], { kind: 'key', id: 'k2' }, 0))).toBeUndefined();
    expect(refusal(state.change([put('tenant', 'acme', tenant())], { kind: 'key', id: 'k3' }, 0))).toBe('forbidden');
  });

  test('to edit users is not enough to become one of them: who sets what somebody logs in with must have all that they may do', () => {
    const acmeAdmin: Grant = { role: 'operator_admin', tenant: 'acme' };
    const key = { name: 'a script', grants: [], shown: 'assay_', createdAtUs: 0 };
    const state = fold([acmeAdmin]).given(
      put('user', 'bob', user('bob@example.org', [acmeAdmin])),
      put('api_key', 'k1', { ...key, user: 'ann', only: ['user.edit'], tokenHash: 'h' }),
    );
    const by: Actor = { kind: 'key', id: 'k1' };
    const invitation = { tokenHash: 'i', expiresAtUs: HOUR_US };
    const attempts = (actor: Actor) =>
      [
        put('user', 'bob', user('bob@example.org', [acmeAdmin], { invitation })),
        put('user', 'bob', user('bob@example.com', [acmeAdmin], { invitation })),
        put('api_key', 'k2', { ...key, user: 'bob', tokenHash: 'j' }),
      ].map((change) => refusal(state.change([change], actor)));
    expect(attempts(by)).toEqual(['forbidden', 'forbidden', 'forbidden']);
    expect(refusal(state.change([put('user', 'bob', user('bob@example.org', [acmeAdmin], { name: 'B' }))], by))).toBe(
      undefined,
    );
    expect(attempts(ann)).toEqual([undefined, undefined, undefined]);
  });

  test('to end a session have its user and who may edit them, and with the user it ends', () => {
    const session = {
      user: 'ann',
      tokenHash: 's',
      createdAtUs: 0,
      expiresAtUs: HOUR_US,
      method: 'password',
      remoteAddress: '192.0.2.1',
      userAgent: '',
    };
    const state = fold([{ role: 'technician', tenant: 'acme' }]).given(
      put('user', 'eve', user('eve@example.org', [{ role: 'operator_admin', tenant: 'globex' }])),
      put('session', 's1', session),
      put('session', 's2', { ...session, tokenHash: 't' }),
    );
    expect(state.state.find('session', 't')?.id).toBe('s2');
    expect(state.state.naming('session', { kind: 'user', id: 'ann' }).map(({ id }) => id)).toEqual(['s1', 's2']);
    expect(state.state.naming('api_key', { kind: 'user', id: 'ann' })).toEqual([]);
    expect(refusal(state.change([remove('session', 's1')], { kind: 'user', id: 'eve' }))).toBe('forbidden');
    expect(refusal(state.change([remove('session', 's1')], ann))).toBeUndefined();
    expect(refusal(state.change([put('session', 's3', session)], ann))).toBe('forbidden');
    expect(refusal(state.change([remove('user', 'ann')], { kind: 'user', id: 'root' }))).toBeUndefined();
    expect(state.state.find('session', 't')).toBeUndefined();
  });
});

function contents(state: ControlState): unknown {
  return (['tenant', 'site', 'group', 'worker', 'ownership', 'user', 'session', 'api_key'] as const).map((kind) => [
    ...state.all(kind),
  ]);
}

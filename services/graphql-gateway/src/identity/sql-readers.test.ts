// Which rows a password opens to SQL.
import { systemClock } from '@assay/kernel';
import { EVERYTHING, type ObjectChange } from '@assay/tenancy';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ControlLog } from '@assay/control-log';
import { followControl, memoryLog, TestClock } from '../sample/sample-gateway.ts';
import { NOW_US } from '../sample/sample-farm.ts';
import { sqlReaders } from './sql-readers.ts';
import { hashToken, newApiKey, newSessionToken } from './tokens.ts';

const BY_SYSTEM = { kind: 'system', id: 'test' } as const;

let control: ControlLog;
let clock: TestClock;
let read: ReturnType<typeof sqlReaders>;

beforeEach(async () => {
  clock = new TestClock();
  control = await followControl(await memoryLog(systemClock));
  read = sqlReaders({ control, clock });
  return () => control.close();
});

async function put(kind: string, id: string, body: object): Promise<void> {
  const change: ObjectChange = { op: 'put', kind, id, body };
  expect(await control.change(BY_SYSTEM, [change])).toMatchObject({ applied: true });
}

const tenant = (id: string) => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true });
const user = (id: string, grants: readonly object[], disabled = false) =>
  put('user', id, { email: `${id}@example.com`, name: id, grants, disabled });

async function key(of: { user?: string; grants?: readonly object[]; only?: readonly string[]; expiresAtUs?: number }) {
  const { id, token, shown } = newApiKey();
  await put('api_key', id, { name: 'sql', grants: [], tokenHash: hashToken(token), shown, createdAtUs: NOW_US, ...of });
  return token;
}

describe('readers with SQL', () => {
  it('are everybody in a pool without users, and nobody by a key that means nothing there', () => {
    expect(read('')).toBe(EVERYTHING);
    expect(read('anything')).toBeUndefined();
    expect(read(newApiKey().token)).toBeUndefined();
  });

  it('are those whose key has the permission, for what it covers', async () => {
    await tenant('acme');
    await tenant('bravo');
    await user('admin', [{ role: 'operator_admin', tenant: '*' }]);
    await put('ownership', 'o', { of: 'bravo.pit', holder: 'acme', fraction: 1, fromUs: 5 });
    expect(read('')).toBeUndefined();
    const reader = [{ role: 'data_reader', tenant: 'acme' }];
    expect(read(await key({ grants: reader }))?.parts).toMatchObject({
      everyWorker: false,
      pool: false,
      tenants: ['acme'],
      held: [{ of: 'bravo.pit', fromUs: 5 }],
    });
    expect(
      read(await key({ grants: [{ role: 'data_reader', tenant: 'bravo', site: 'bravo.pit' }] }))?.parts,
    ).toMatchObject({ tenants: [], sites: ['bravo.pit'] });
    expect(read(await key({ grants: [{ role: 'operator_admin', tenant: '*' }] }))).toBe(EVERYTHING);
    expect(read(await key({ grants: [{ role: 'data_reader', tenant: '*' }] }))?.parts).toMatchObject({
      everyWorker: true,
      pool: false,
    });
    expect(read(await key({ grants: [{ role: 'customer', tenant: 'acme' }] }))).toBeUndefined();
    expect(read(await key({ grants: reader, only: ['fleet.view'] }))).toBeUndefined();
  });

  it('are so no longer than their key and their user', async () => {
    await tenant('acme');
    await user('admin', [{ role: 'operator_admin', tenant: '*' }]);
    await user('ada', [{ role: 'data_reader', tenant: 'acme' }]);
    const own = await key({ user: 'ada' });
    const short = await key({ user: 'ada', expiresAtUs: NOW_US + 1e6 });
    expect(read(own)).toBeDefined();
    expect(read(short)).toBeDefined();
    clock.advance(2);
    expect(read(short)).toBeUndefined();
    await user('ada', [{ role: 'data_reader', tenant: 'acme' }], true);
    expect(read(own)).toBeUndefined();
    expect(read(`${own.slice(0, -1)}x`)).toBeUndefined();
    expect(read(newSessionToken())).toBeUndefined();
  });
});

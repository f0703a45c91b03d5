import { ControlState, type ObjectChange } from '@assay/tenancy';
import { expect, it } from 'vitest';
import { ChangeFeed } from './change-feed.ts';

const BY = { kind: 'system', id: 'tool' } as const;

function fed(size: number, ...records: ObjectChange[][]): ChangeFeed {
  const state = new ControlState();
  const feed = new ChangeFeed(size);
  for (const [atUs, changes] of records.entries()) {
    const outcome = state.apply({ type: 'change', request: 'r', by: BY, changes }, atUs);
    if (!outcome.applied) throw new Error(outcome.refusal.message);
    feed.add(atUs, BY, undefined, outcome.changed, state);
  }
  return feed;
}

const tenant = (id: string, name = id): ObjectChange => ({
  op: 'put',
  kind: 'tenant',
  id,
  body: { name, kind: 'hosting', autoRegister: true },
});
const user = (tenants: readonly string[]): ObjectChange => ({
  op: 'put',
  kind: 'user',
  id: 'ann',
  body: {
    email: 'ann@example.org',
    name: 'Ann',
    grants: tenants.map((id) => ({ role: 'customer', tenant: id })),
    disabled: false,
  },
});

it('has what each object was before and after, the newest change first', () => {
  const feed = fed(
    10,
    [tenant('acme')],
    [tenant('acme', 'Acme Mining'), tenant('globex')],
    [{ op: 'remove', kind: 'tenant', id: 'acme' }],
  );
  const told = [...feed.newestFirst()].map(({ atUs, id, before, after }) => [
    atUs,
    id,
    (before?.body as { name: string } | undefined)?.name,
    (after?.body as { name: string } | undefined)?.name,
  ]);
  expect(told).toEqual([
    [2, 'acme', 'Acme Mining', undefined],
    [1, 'globex', undefined, 'globex'],
    [1, 'acme', 'acme', 'Acme Mining'],
    [0, 'acme', undefined, 'acme'],
  ]);
});

it('belongs to all that the object belonged to before and after', () => {
  const feed = fed(10, [tenant('acme'), tenant('globex'), user(['acme'])], [user(['globex'])]);
  const [moved] = feed.newestFirst();
  expect(moved!.scopes.map((scope) => scope.tenant)).toEqual(['acme', 'globex']);
});

it('forgets the oldest beyond its bound, and keeps none where it is made for none', () => {
  const records = ['a', 'b', 'c', 'd', 'e'].map((id) => [tenant(id)]);
  expect([...fed(3, ...records).newestFirst()].map(({ id }) => id)).toEqual(['e', 'd', 'c']);
  expect([...fed(0, ...records).newestFirst()]).toEqual([]);
});

import { expect, test } from 'vitest';
import { checkTenants } from './check-tenants.ts';
import { blockOf, HAND_ROWS } from './testing/sample-blocks.ts';

const [row] = HAND_ROWS;
const shares = (...pairs: [tenant: string, worker: string][]) =>
  blockOf(pairs.map(([tenant, worker]) => ({ ...row!, tenant, worker })));

test('a tenant is the first segment of its worker, in every share', () => {
  checkTenants(shares(['acme', 'acme.north.m1'], ['beta', 'beta'], ['acme', 'acme.north.m1'], ['', '']));
  checkTenants(blockOf(HAND_ROWS));
  for (const forged of [
    shares(['acme', 'acme.m1'], ['beta', 'acme.m1']),
    shares(['acme', 'beta.m1']),
    shares(['acm', 'acme.m1']),
    shares(['acme.m1', 'acme.m1']),
    shares(['', 'acme.m1']),
    shares(['acme', '']),
    shares(['acme', '.m1']),
  ])
    expect(() => checkTenants(forged)).toThrow(expect.objectContaining({ code: 'bad_tenant' }));
});

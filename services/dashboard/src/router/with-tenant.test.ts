import { describe, expect, it } from 'vitest';
import { workerPath } from './routes.ts';
import { withTenant } from './with-tenant.ts';

describe('withTenant', () => {
  it('takes the tenant along, whatever else the address says', () => {
    expect(withTenant('/', 'acme')).toBe('/?tenant=acme');
    expect(withTenant('/workers?status=SILENT', 'acme')).toBe('/workers?status=SILENT&tenant=acme');
    expect(withTenant('/events#top', 'a b')).toBe('/events?tenant=a+b#top');
    expect(withTenant(workerPath('acme.hall?1#x'), 'acme')).toBe('/workers/acme.hall%3F1%23x?tenant=acme');
  });

  it('leaves an address alone that names a tenant itself, and any while all are looked at', () => {
    expect(withTenant('/workers?tenant=other', 'acme')).toBe('/workers?tenant=other');
    expect(withTenant('/workers?status=SILENT', null)).toBe('/workers?status=SILENT');
    expect(withTenant('/workers', '')).toBe('/workers');
  });
});

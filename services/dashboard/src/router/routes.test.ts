import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeFromPath, workerPath, workersPath } from './routes.ts';

describe('routes', () => {
  it('finds each page, with or without a trailing slash', () => {
    expect(routeFromPath('/')).toEqual({ page: 'overview' });
    expect(routeFromPath('/workers')).toEqual({ page: 'workers' });
    expect(routeFromPath('/workers/')).toEqual({ page: 'workers' });
    expect(routeFromPath('/events')).toEqual({ page: 'events' });
    expect(routeFromPath('/hash-power')).toEqual({ page: 'hash-power' });
    expect(routeFromPath('/reports')).toEqual({ page: 'reports' });
    expect(routeFromPath('/connect')).toEqual({ page: 'connect' });
    expect(routeFromPath('/settings')).toEqual({ page: 'settings', section: 'tenants' });
    expect(routeFromPath('/settings/changes')).toEqual({ page: 'settings', section: 'changes' });
    expect(routeFromPath('/settings/nothing')).toEqual({ page: 'not-found' });
    expect(routeFromPath('/account')).toEqual({ page: 'account' });
    expect(routeFromPath('/account/keys')).toEqual({ page: 'own-keys' });
  });

  it('has no page for anything else', () => {
    expect(routeFromPath('/nothing')).toEqual({ page: 'not-found' });
    expect(routeFromPath('/workers/a/b')).toEqual({ page: 'not-found' });
    expect(routeFromPath('/workers/%E0%A4%A')).toEqual({ page: 'not-found' });
  });

  it('takes every username there and back', () => {
    const username = fc.stringMatching(/^[A-Za-z0-9._+@:/=-]{1,127}$/);
    fc.assert(
      fc.property(username, (name) => {
        expect(routeFromPath(workerPath(name))).toEqual({ page: 'worker', name });
      }),
    );
  });

  it('writes filters into the address', () => {
    expect(workersPath({ status: 'SILENT', tenant: 'a b' })).toBe('/workers?status=SILENT&tenant=a+b');
    expect(workersPath({})).toBe('/workers');
  });
});

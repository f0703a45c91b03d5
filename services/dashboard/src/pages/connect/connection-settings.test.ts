import { describe, expect, it } from 'vitest';
import {
  hostAndPort,
  isLoopback,
  password,
  passwordProblem,
  username,
  usernameProblem,
} from './connection-settings.ts';

const parts = { tenant: 'acme', site: 'oslo', rack: 'r03', machine: 'm017' };
const none = { rate: '', difficulty: '', interval: '' };

describe('connection settings', () => {
  it('builds the username', () => {
    expect(username(parts)).toBe('acme.oslo.r03.m017');
    expect(username({ ...parts, site: '', rack: ' ' })).toBe('acme.m017');
    expect(usernameProblem(parts)).toBeUndefined();
  });

  it('says what is wrong with a username', () => {
    expect(usernameProblem({ ...parts, tenant: '' })).toContain('tenant is missing');
    expect(usernameProblem({ ...parts, tenant: 'a.b' })).toContain('first dot');
    expect(usernameProblem({ ...parts, machine: 'm 1' })).toContain('Only letters');
    expect(usernameProblem({ ...parts, machine: 'm'.repeat(60) })).toContain('cuts usernames at 63');
  });

  it('builds the password', () => {
    expect(password(none)).toBe('x');
    expect(password({ rate: '100T', difficulty: '65536', interval: '5m' })).toBe('d=65536,rate=100T,interval=5m');
  });

  it('says what is wrong with the options', () => {
    expect(passwordProblem({ ...none, rate: '100 TH' }, 1)).toContain('100T');
    expect(passwordProblem({ ...none, difficulty: '0.5' }, 1)).toContain('lowest difficulty of this pool is 1');
    expect(passwordProblem({ ...none, difficulty: 'high' }, 1)).toContain('number above 0');
    expect(passwordProblem({ ...none, interval: '5 minutes' }, 1)).toContain('like 5m');
    expect(passwordProblem({ rate: '1.2T', difficulty: '4096', interval: '30s' }, 1)).toBeUndefined();
  });

  it('takes addresses apart', () => {
    expect(hostAndPort('stratum+tcp://pool.example:3333')).toEqual({ host: 'pool.example', port: '3333' });
    expect(hostAndPort('stratum+ssl://[2001:db8::1]:3334')).toEqual({ host: '[2001:db8::1]', port: '3334' });
    expect(isLoopback('stratum+tcp://127.0.0.1:3333')).toBe(true);
    expect(isLoopback('stratum+tcp://10.0.0.5:3333')).toBe(false);
  });
});

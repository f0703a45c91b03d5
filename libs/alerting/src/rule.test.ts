import { expect, it } from 'vitest';
import { silences, type MaintenanceWindow } from './rule.ts';
import { workerSubject } from './testing/alert-fixtures.ts';

const window: MaintenanceWindow = { id: 'w', tenant: 'acme', under: ['acme.north.r1'], fromUs: 10, toUs: 20 };
const machine = workerSubject('acme.north.r1.m1');

it('silences what it names and what lies below it, from its first moment to its last', () => {
  expect([9, 10, 19, 20].map((atUs) => silences(window, machine, atUs))).toEqual([false, true, true, false]);
  expect(silences(window, { ...machine, worker: '' }, 10)).toBe(true);
  expect(silences(window, workerSubject('acme.north.r10.m1'), 10)).toBe(false);
  expect(silences(window, { tenant: 'acme', site: 'north', rack: '', worker: '' }, 10)).toBe(false);
});

it('takes a whole tenant, and all of them, but never another one', () => {
  const everything = { ...window, under: [] };
  expect(silences(everything, machine, 10)).toBe(true);
  expect(silences(everything, workerSubject('globex.north.r1.m1'), 10)).toBe(false);
  expect(silences({ ...everything, tenant: '*' }, workerSubject('globex.north.r1.m1'), 10)).toBe(true);
});

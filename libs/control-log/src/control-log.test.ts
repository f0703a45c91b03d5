import { MemoryEventLog, MemoryLogDisk, openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import type { Actor, ObjectChange } from '@assay/tenancy';
import { afterEach, expect, test } from 'vitest';
import { ControlLog } from './control-log.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const logs: ControlLog[] = [];

afterEach(() => {
  for (const log of logs.splice(0)) log.close();
});

async function eventLog(): Promise<MemoryEventLog> {
  const log = new MemoryEventLog(new MemoryLogDisk({ clock: systemClock }));
  await log.ensureTopics(topicSpecs(1));
  return log;
}

function follow(log: MemoryEventLog, more: Partial<ConstructorParameters<typeof ControlLog>[0]> = {}): ControlLog {
  const control = new ControlLog({ log, onWarning: () => undefined, ...more });
  logs.push(control);
  return control;
}

const tenant = (id: string, expect?: number): ObjectChange => ({
  op: 'put',
  kind: 'tenant',
  id,
  ...(expect === undefined ? {} : { expect }),
  body: { name: id, kind: 'hosting', autoRegister: true },
});

test('a change is in the fold when it is answered, and in that of every other follower', async () => {
  const log = await eventLog();
  const one = follow(log);
  const other = follow(log);
  const heard = new Promise((resolve) => other.onChange(({ changed }) => resolve(changed[0]!.id)));
  await expect(one.change(TOOL, [tenant('acme', 0)])).resolves.toMatchObject({ applied: true });
  expect(one.state.get('tenant', 'acme')?.version).toBe(1);
  expect(await heard).toBe('acme');
  expect(other.state.get('tenant', 'acme')?.version).toBe(1);
  await expect(other.change(TOOL, [tenant('acme', 0)])).resolves.toMatchObject({ refusal: { code: 'conflict' } });
});

test('of two that expect the same version one wins', async () => {
  const log = await eventLog();
  const [one, other] = [follow(log), follow(log)];
  await one.change(TOOL, [tenant('acme', 0)]);
  const outcomes = await Promise.all([one, other].map((control) => control.change(TOOL, [tenant('acme', 1)])));
  expect(outcomes.map(({ applied }) => applied).sort()).toEqual([false, true]);
});

test('a follower that starts later has everything once it has caught up', async () => {
  const log = await eventLog();
  const first = follow(log);
  for (let i = 0; i < 50; i++) await first.change(TOOL, [tenant(`t${i}`)]);
  const late = follow(log);
  expect(late.isCaughtUp).toBe(false);
  await late.caughtUp();
  expect(late.isCaughtUp).toBe(true);
  expect(late.state.count('tenant')).toBe(50);
});

test('a follower knows when the beginning of the log is gone', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics([{ name: TOPIC.control, partitions: 1, retentionBytes: 2000, retentionUs: 1e15 }]);
  const first = follow(log);
  await first.caughtUp();
  expect(first.isWhole).toBe(true);
  for (let i = 0; (await log.bounds(TOPIC.control, 0)).start === 0; i++) await first.change(TOOL, [tenant(`t${i}`)]);
  const late = follow(log);
  expect(late.isWhole).toBe(false);
  await late.caughtUp();
  expect([first.isWhole, late.isCaughtUp, late.isWhole]).toEqual([true, true, false]);
});

test('says who changed an object, when and to what, also by a follower that came later', async () => {
  const log = await eventLog();
  const control = follow(log);
  await control.change(TOOL, [tenant('acme')], 'a new customer');
  await control.change({ kind: 'system', id: 'import' }, [tenant('globex'), tenant('acme')]);
  await control.change(TOOL, [{ op: 'remove', kind: 'tenant', id: 'acme' }]);
  const late = follow(log);
  await late.caughtUp();
  for (const who of [control, late]) {
    const entries = await who.history('tenant', 'acme', 10);
    expect(entries.map(({ by, note, body }) => [by.id, note, body !== undefined])).toEqual([
      ['test', undefined, false],
      ['import', undefined, true],
      ['test', 'a new customer', true],
    ]);
    expect((await who.history('tenant', 'acme', 1)).length).toBe(1);
  }
});

test('what is no change is handed on, and what is no JSON harms nobody', async () => {
  const log = await eventLog();
  const others: unknown[] = [];
  const control = follow(log, { onOther: (value) => others.push(value) });
  await log.append(TOPIC.control, [{ value: Buffer.from('{"type":"job_refresh"}') }, { value: Buffer.from('{') }], 0);
  await log.append(TOPIC.control, [{ value: Buffer.from('{"type":"change","request":"x"}') }], 0);
  await control.change(TOOL, [tenant('acme')]);
  expect(others).toEqual([{ type: 'job_refresh' }, undefined]);
  expect(control.state.count('tenant')).toBe(1);
});

test('a change that is too large is refused before it is written', async () => {
  const log = await eventLog();
  const note = { op: 'put', kind: 'tenant', id: 'acme', body: { name: 'x'.repeat(1_000_000) } } as const;
  await expect(follow(log).change(TOOL, [note])).resolves.toMatchObject({ refusal: { code: 'limit' } });
  expect((await log.bounds(TOPIC.control, 0)).end).toBe(0);
});

test('a log that is away is said to be, not taken for a refusal', async () => {
  const log = await eventLog();
  const control = follow(log);
  await control.caughtUp();
  await log.close();
  await expect(control.change(TOOL, [tenant('acme')])).rejects.toMatchObject({ code: 'unavailable', retriable: true });
});

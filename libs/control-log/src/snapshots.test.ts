import { MemoryEventLog, MemoryLogDisk } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { ControlState, type Actor, type ObjectChange } from '@assay/tenancy';
import { afterEach, expect, test, vi } from 'vitest';
import { ControlLog } from './control-log.ts';
import { newestSnapshot, readSnapshot, writeSnapshot } from './snapshots.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const KEPT_BYTES = 20_000;
const followers: ControlLog[] = [];

afterEach(() => {
  for (const follower of followers.splice(0)) follower.close();
});

/** A log whose control topic holds so little that its beginning is soon gone. */
async function smallLog(): Promise<EventLog> {
  const log = new MemoryEventLog(new MemoryLogDisk({ clock: systemClock }));
  await log.ensureTopics(
    topicSpecs(1).map((spec) => (spec.name === TOPIC.control ? { ...spec, retentionBytes: KEPT_BYTES } : spec)),
  );
  return log;
}

/** @param turn of several who write snapshots, when this one does, from 0 to 1 */
function follow(log: EventLog, everyBytes?: number, turn = 0): { control: ControlLog; warnings: string[] } {
  const warnings: string[] = [];
  const control = new ControlLog({
    log,
    onWarning: (message) => warnings.push(message),
    ...(everyBytes !== undefined && { snapshots: { everyBytes, turnMs: 100, random: () => turn } }),
  });
  followers.push(control);
  return { control, warnings };
}

const put = (kind: string, id: string, body: unknown): ObjectChange => ({ op: 'put', kind, id, body });
const tenant = (id: string): ObjectChange => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true });
const worker = (id: string, expectedHashRateHs: number): ObjectChange =>
  put('worker', id, { standing: 'active', tags: [], expectedHashRateHs });
const user = (email: string): ObjectChange =>
  put('user', email, { email, name: 'Ann', grants: [{ role: 'customer', tenant: 'acme' }], disabled: false });

/** Changes until the first records are gone. */
async function churn(log: EventLog, control: ControlLog): Promise<void> {
  await control.change(TOOL, [tenant('acme'), tenant('globex'), worker('acme.north.m1', 1), user('ann@acme.example')]);
  for (let i = 0; (await log.bounds(TOPIC.control, 0)).start < 20; i++)
    expect(await control.change(TOOL, [worker(`acme.north.m${i % 7}`, i + 1)])).toMatchObject({ applied: true });
}

/** Waits until there is a snapshot that holds what stands in the log now. */
async function snapshotOfNow(log: EventLog, control: ControlLog): Promise<void> {
  const { end } = await log.bounds(TOPIC.control, 0);
  for (let bytes = 0; bytes < KEPT_BYTES / 4; bytes += 150)
    await control.change(TOOL, [worker('acme.north.m0', bytes + 1)]);
  await vi.waitFor(async () => expect((await newestSnapshot(log))?.next).toBeGreaterThan(end));
}

const everything = ({ state }: ControlLog): unknown[] => [...state.objects()];

test('a follower that comes when the beginning is gone goes on from the snapshot, and has all that was ever configured', async () => {
  const log = await smallLog();
  const { control } = follow(log, KEPT_BYTES / 4);
  await churn(log, control);
  await snapshotOfNow(log, control);
  const late = follow(log);
  await late.control.caughtUp();
  expect([late.control.isWhole, late.warnings]).toEqual([true, []]);
  expect(everything(late.control)).toEqual(everything(control));
  // What is looked up by something else than its id is found, and what is named is held.
  expect(late.control.state.find('user', 'ann@acme.example')?.id).toBe('ann@acme.example');
  expect(late.control.state.workersOf('acme')).toBe(control.state.workersOf('acme'));
  const gone: ObjectChange = { op: 'remove', kind: 'tenant', id: 'acme' };
  expect(await late.control.change(TOOL, [gone])).toMatchObject({ refusal: { code: 'in_use' } });
  await vi.waitFor(() => expect(everything(late.control)).toEqual(everything(control)));
});

test('of several who would write it, one does', async () => {
  const log = await smallLog();
  const all = [0, 0.3, 0.6].map((turn) => follow(log, KEPT_BYTES / 4, turn));
  const { control } = all[0]!;
  await churn(log, control);
  for (let round = 0; round < 3; round++) await snapshotOfNow(log, control);
  const records = await log.readFrom(TOPIC.controlSnapshots, 0, 0, { maxRecords: 1000, maxBytes: 1e8, waitMs: 0 });
  const nexts = records.map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as { next?: number }).next);
  const ends = nexts.filter((next) => next !== undefined);
  // Each holds more than the one before: nobody has written what another had.
  expect(ends.every((next, i) => i === 0 || next > ends[i - 1]!)).toBe(true);
  expect([ends.length >= 3, ends.length <= 5]).toEqual([true, true]);
  expect(all.flatMap(({ warnings }) => warnings)).toEqual([]);
});

test('without a snapshot, or with one from before what is gone, it is known that something may be missing', async () => {
  const log = await smallLog();
  const { control } = follow(log);
  await control.change(TOOL, [tenant('old')]);
  await churn(log, control);
  const none = follow(log);
  await none.control.caughtUp();
  expect([none.control.isWhole, none.warnings]).toEqual([
    false,
    ['the beginning of the control log is gone, and there is no snapshot of it'],
  ]);
  await writeSnapshot(log, control.state, 1);
  const early = follow(log);
  await early.control.caughtUp();
  expect(early.control.isWhole).toBe(false);
  expect(early.warnings[0]).toMatch(/^the control log begins after its snapshot: \d+ records are gone$/);
});

test('a snapshot that was not finished, or is of another log, is none', async () => {
  const log = await smallLog();
  const state = new ControlState();
  state.apply({ type: 'change', request: 'r', by: TOOL, changes: [tenant('acme')] }, 1);
  await writeSnapshot(log, state, 7);
  const whole = await newestSnapshot(log);
  expect(whole).toMatchObject({ next: 7, parts: 1 });
  const part = { type: 'part', snapshot: 'cut short', objects: [] };
  await log.append(TOPIC.controlSnapshots, [{ value: Buffer.from(JSON.stringify(part)) }], 0);
  await log.append(TOPIC.controlSnapshots, [{ value: Buffer.from('{') }], 0);
  expect(await newestSnapshot(log)).toEqual(whole);
  expect(await readSnapshot(log, { ...whole!, parts: 2 })).toBeUndefined();
});

test('a large state is written in parts, and read whole', async () => {
  const log = await smallLog();
  const state = new ControlState();
  const apply = (changes: readonly ObjectChange[], i: number): void =>
    expect(state.apply({ type: 'change', request: `r${i}`, by: TOOL, changes }, i).applied).toBe(
      true,
    ) as unknown as void;
  apply([tenant('acme')], 1);
  for (let i = 0; i < 20; i++)
    apply(
      Array.from({ length: 500 }, (_, n) => worker(`acme.north.r${i}.m${n}`, n + 1)),
      i + 2,
    );
  await writeSnapshot(log, state, 1);
  const place = await newestSnapshot(log);
  expect(place!.parts).toBeGreaterThan(2);
  const restored = new ControlState();
  expect(restored.restore([...(await readSnapshot(log, place!))!, { kind: 'comet', id: 'x' }])).toBe(1);
  expect([...restored.objects()]).toEqual([...state.objects()]);
});

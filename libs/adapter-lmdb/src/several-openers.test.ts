// One directory, several threads and processes: appends from all of them form one gapless order, a reader notices them soon, and partitions
// move from the dead to the living.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '@assay/kernel';
import type { GroupMember, PartitionSession } from '@assay/event-log';
import type { LmdbLogLimits } from './limits.ts';
import { openLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';
import { buildChild, until, type ChildProgram, type RunningChild } from '@assay/event-log/testing';
import { numberOf, valueFor } from './testing/numbered-value.ts';

const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 };
const limits: Partial<LmdbLogLimits> = { groupPollMs: 20, restartPauseMs: 20 };

let child: ChildProgram;
let dir: string;
let log: LmdbEventLog;
let children: RunningChild[] = [];
beforeAll(async () => (child = await buildChild(new URL('./testing/log-child.ts', import.meta.url))) && undefined);
afterAll(() => child.remove());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'assay-openers-'));
  log = await openLmdbEventLog({ dir, clock: systemClock, limits });
  await log.ensureTopics([{ name: 't', partitions: 4, retentionBytes: 2 ** 40, retentionUs: 1e15 }]);
});
afterEach(async () => {
  for (const running of children) running.process.kill('SIGKILL');
  await Promise.all(children.map((running) => running.ended));
  children = [];
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]): RunningChild => {
  const running = child.run(args);
  children.push(running);
  return running;
};

it('keeps one gapless order when two processes, a worker thread and this thread append to one partition at once', async () => {
  const each = 150;
  const processes = [
    run('append', dir, 't', '0', '4', '1000', String(each)),
    run('append', dir, 't', '0', '4', '2000', String(each)),
  ];
  const worker = new Worker(child.file, { argv: ['append', dir, 't', '0', '4', '3000', String(each)] });
  const fromWorker: string[] = [];
  worker.on('message', (line: string) => fromWorker.push(line));
  const workerEnded = new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
  const own: string[] = [];
  const appendOwn = async (lane: number): Promise<void> => {
    for (let number = 4000 + lane; number < 4000 + each; number += 4) {
      own.push(`acked ${number} ${(await log.append('t', [{ value: valueFor(number) }], 0)).baseOffset}`);
    }
  };
  await Promise.all([0, 1, 2, 3].map(appendOwn));
  for (const running of processes) expect(await running.ended, running.stderr()).toBe(0);
  expect(await workerEnded).toBe(0);

  const stored = await log.readFrom('t', 0, 0, EVERYTHING);
  expect(stored.map((record) => record.offset)).toEqual(Array.from({ length: 4 * each }, (_, i) => i));
  const numbers = stored.map((record) => numberOf(record.value));
  expect(new Set(numbers).size).toBe(4 * each);
  const acked = [...processes.flatMap((running) => running.lines), ...fromWorker, ...own].filter((line) =>
    line.startsWith('acked'),
  );
  expect(acked).toHaveLength(4 * each);
  for (const line of acked) {
    const [, number, offset] = line.split(' ').map(Number) as [number, number, number];
    expect(numbers[offset]).toBe(number);
  }
});

it('wakes a waiting reader when another process or thread appends', async () => {
  const waiting = log.readFrom('t', 1, 0, { ...EVERYTHING, waitMs: 20_000 });
  run('append', dir, 't', '1', '1', '1', '1');
  expect((await waiting).map((record) => numberOf(record.value))).toEqual([1]);
  const again = log.readFrom('t', 1, 1, { ...EVERYTHING, waitMs: 20_000 });
  const worker = new Worker(child.file, { argv: ['append', dir, 't', '1', '1', '2', '1'] });
  expect((await again).map((record) => numberOf(record.value))).toEqual([2]);
  await new Promise((resolve) => worker.on('exit', resolve));
});

const held = (running: RunningChild): number => {
  const count = (word: string): number => running.lines.filter((line) => line.startsWith(word)).length;
  return count('held') - count('released');
};

it('spreads partitions over processes, and moves those of a killed one to the living without a heartbeat timeout', async () => {
  const [a, b] = [run('consume', dir, 't', 'g'), run('consume', dir, 't', 'g')];
  await until('two partitions each', () => held(a) === 2 && held(b) === 2);
  a.process.kill('SIGKILL');
  // The default heartbeat timeout is 10 s; the death of a process of this machine is seen at once.
  const killedAt = performance.now();
  await until('the survivor to hold all', () => held(b) === 4);
  expect(performance.now() - killedAt).toBeLessThan(9_000);
  for (let partition = 0; partition < 4; partition++) await log.append('t', [{ value: Uint8Array.of(1) }], partition);
  await until('consumption', async () => (await log.lag('g', 't')) === 0);
  b.process.stdin!.end();
  expect(await b.ended, b.stderr()).toBe(0);
  expect(held(b)).toBe(0);
});

it('declares a silent member dead after its timeout, and fences what it still does', async () => {
  const stuck = run('consume', dir, 't', 'g');
  await until('the child to hold all', () => held(stuck) === 4);
  // Stopped, not dead: its process is there, but its heart does not beat.
  stuck.process.kill('SIGSTOP');
  const second = await openLmdbEventLog({ dir, clock: systemClock, limits: { ...limits, memberTimeoutMs: 300 } });
  const sessions = new Map<number, PartitionSession>();
  let member: GroupMember | undefined;
  try {
    member = await second.join(
      'g',
      ['t'],
      async (session) => {
        sessions.set(session.partition, session);
        await new Promise((resolve) => session.signal.addEventListener('abort', resolve));
      },
      (error) => {
        throw error;
      },
    );
    await until('the partitions to move', () => sessions.size === 4);
    for (const session of sessions.values()) await session.commit({ offset: 7, metadata: 'second' });
    for (let partition = 0; partition < 4; partition++) await log.append('t', [{ value: Uint8Array.of(1) }], partition);
    stuck.process.kill('SIGCONT');
    await until(
      'the awakened member to notice',
      () => held(stuck) < 4 || stuck.lines.some((line) => line.startsWith('error')),
    );
    // It joins again as a living member and gets its share, at the positions committed meanwhile.
    await until('two partitions each', () => held(stuck) === 2);
    for (const session of sessions.values()) expect((await session.committed())!.metadata).toBe('second');
  } finally {
    await member?.close();
    await second.close();
  }
});

// kill -9 anywhere: what was acknowledged is there afterwards, whole, in order, without gaps.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random, systemClock } from '@assay/kernel';
import { openLmdbEventLog } from './lmdb-event-log.ts';
import { buildChild, until, type ChildProgram } from '@assay/event-log/testing';
import { numberOf } from './testing/numbered-value.ts';

const ROUNDS = 12;
const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 };

let child: ChildProgram;
let dir: string;
beforeAll(async () => {
  child = await buildChild(new URL('./testing/log-child.ts', import.meta.url));
  dir = await mkdtemp(join(tmpdir(), 'assay-kill-'));
});
afterAll(async () => {
  await child.remove();
  await rm(dir, { recursive: true, force: true });
});

it(`keeps every acknowledged record over ${ROUNDS} rounds of kill -9`, async () => {
  const random = new Random(20_260_101);
  const open = () => openLmdbEventLog({ dir, clock: systemClock });
  const setup = await open();
  await setup.ensureTopics([{ name: 't', partitions: 4, retentionBytes: 2 ** 40, retentionUs: 1e15 }]);
  await setup.close();

  let nextNumber = 0;
  const acked = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const appender = child.run(['append', dir, 't', '0', '8', String(nextNumber)]);
    const enough = 20 + random.below(150);
    await until('acknowledgements', () => appender.lines.length > enough || appender.process.exitCode !== null);
    appender.process.kill('SIGKILL');
    expect(await appender.ended, appender.stderr()).toBe('SIGKILL');
    for (const line of appender.lines.filter((text) => text.startsWith('acked '))) {
      const [, number, offset] = line.split(' ').map(Number) as [number, number, number];
      acked.set(offset, number);
    }

    const log = await open();
    const stored = await log.readFrom('t', 0, 0, EVERYTHING);
    const numbers = stored.map((record) => numberOf(record.value));
    expect(stored.map((record) => record.offset)).toEqual(stored.map((_, i) => i));
    expect(numbers).not.toContain(undefined);
    for (const [offset, number] of acked) expect(numbers[offset]).toBe(number);
    // What was not acknowledged may be there as well, but at most the eight appends under way at each kill.
    expect(stored.length - acked.size).toBeLessThanOrEqual(8 * (round + 1));
    nextNumber = Math.max(...(numbers as number[])) + 1;
    await log.close();
  }
  expect(acked.size).toBeGreaterThan(ROUNDS * 20);
}, 60_000);

// The spool: what goes in comes out, in order and as it was, over kills and full disks, and is gone only when it was trimmed.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogError, type LogRecord } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { openLmdbSpool, type LmdbSpool, type LmdbSpoolOptions } from './lmdb-spool.ts';
import { buildChild, until, type ChildProgram } from '@assay/event-log/testing';
import { numberOf } from './testing/numbered-value.ts';

const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12 };
const text = (...values: string[]): LogRecord[] => values.map((value) => ({ value: Buffer.from(value) }));

let dir: string;
let spool: LmdbSpool;
const open = async (options: Partial<LmdbSpoolOptions> = {}): Promise<LmdbSpool> =>
  (spool = await openLmdbSpool({ dir, clock: systemClock, maxBytes: 2 ** 30, ...options }));
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'assay-spool-'))) && undefined);
afterEach(async () => {
  await spool.close();
  await rm(dir, { recursive: true, force: true });
});

const positions = (): number[] => spool.read(0, EVERYTHING).map(({ position }) => position);
const outcome = (append: Promise<unknown>): Promise<unknown> =>
  append.then(
    () => 'done',
    (error: unknown) => (error instanceof LogError ? `${error.code} ${error.retriable}` : error),
  );

describe('a spool', () => {
  it('gives back every append as it was, in order, also to its next owner', async () => {
    let nowUs = 1_700_000_000_000_000;
    await open({ clock: { nowUs: () => nowUs++ } });
    const headers = { source: '1:2', __proto__x: 'ü' };
    expect(await spool.append('shares', text('a'), 3)).toBe(0);
    expect(await spool.append('events/odd', [{ key: 'gw', value: Buffer.from('b'), headers }, ...text('c')])).toBe(1);
    const expected = [
      { topic: 'shares', partition: 3, records: text('a'), position: 0, end: 1 },
      {
        topic: 'events/odd',
        partition: undefined,
        records: [{ key: 'gw', value: Buffer.from('b'), headers }, ...text('c')],
        position: 1,
        end: 3,
      },
    ];
    expect(spool.read(0, EVERYTHING)).toMatchObject(expected);
    expect(spool.stats()).toMatchObject({ records: 3, oldestUs: 1_700_000_000_000_000 });
    await spool.close();
    await open();
    expect(spool.read(0, EVERYTHING)).toMatchObject(expected);
    expect(spool.read(1, EVERYTHING)).toMatchObject(expected.slice(1));
    expect(await spool.append('shares', text('d'), 0)).toBe(3);
  });

  it('reads whole appends: about as many as the limits say, one at least', async () => {
    await open();
    for (let i = 0; i < 4; i++) await spool.append('t', text('x', 'y'), 0);
    const read = (maxRecords: number, maxBytes: number): number =>
      spool.read(0, { maxRecords, maxBytes }).flatMap(({ records }) => records).length;
    expect([read(1, 1), read(5, 1e6), read(6, 1e6), read(100, 1), read(100, 300)]).toEqual([2, 4, 6, 2, 4]);
  });

  it('drops what ends before the trim, and nothing else', async () => {
    await open();
    for (let i = 0; i < 600; i++) await spool.append('t', text('x', 'y'), 0);
    await spool.trim(1);
    expect(spool.stats().records).toBe(1200);
    // More than one transaction takes.
    await spool.trim(1101);
    expect(positions()[0]).toBe(1100);
    expect(spool.stats().records).toBe(100);
    await spool.trim(1e9);
    expect(spool.stats()).toMatchObject({ records: 0, bytes: 0, oldestUs: undefined });
    expect(await spool.append('t', text('z'), 0)).toBe(1200);
  });

  it('refuses appends at its bound, says so before, and takes them again after a trim', async () => {
    await open({ maxBytes: 3_000_000 });
    const append = (): Promise<unknown> => outcome(spool.append('t', [{ value: new Uint8Array(100_000) }], 0));
    const rooms: boolean[] = [];
    while ((await append()) === 'done') rooms.push(spool.hasRoom);
    expect(rooms).toHaveLength(29);
    expect(rooms.indexOf(false)).toBe(19);
    expect(await append()).toBe('full true');
    expect(spool.stats()).toMatchObject({ records: 29, maxBytes: 3_000_000 });
    await spool.trim(20);
    expect(spool.hasRoom).toBe(true);
    expect(await append()).toBe('done');
  });

  it('reuses the room it frees', async () => {
    await open();
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) await spool.append('t', [{ value: new Uint8Array(20_000) }], 0);
      await spool.trim(1e9);
    }
    expect((await stat(join(dir, 'data.mdb'))).size).toBeLessThan(3_000_000);
  });

  it('has one owner', async () => {
    await open();
    await expect(openLmdbSpool({ dir, clock: systemClock, maxBytes: 2 ** 30 })).rejects.toThrow(/is in use by process/);
    expect(await spool.append('t', text('still mine'), 0)).toBe(0);
  });
});

describe('in another process', () => {
  let child: ChildProgram;
  beforeAll(async () => (child = await buildChild(new URL('./testing/spool-child.ts', import.meta.url))) && undefined);
  afterAll(() => child.remove());

  it('keeps what it acknowledged over kill -9, and is free at once for the next owner', async () => {
    const acked = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const appender = child.run(['append', dir]);
      await until('acknowledgements', () => appender.lines.length > 100 || appender.process.exitCode !== null);
      appender.process.kill('SIGKILL');
      expect(await appender.ended, appender.stderr()).toBe('SIGKILL');
      for (const line of appender.lines.filter((text) => text.startsWith('acked'))) acked.add(`${round} ${line}`);
      await open();
      const numbers = spool.read(0, EVERYTHING).map(({ records, partition }) => {
        const number = numberOf(records[0]!.value);
        expect(partition).toBe(number! % 4);
        return number;
      });
      for (const line of acked)
        if (line.startsWith(`${round} `)) expect(numbers).toContain(Number(line.split(' ').at(-1)));
      await spool.trim(1e9);
      await spool.close();
    }
  });

  const works = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  const canMount = works('unshare', '--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir());

  it.skipIf(!canMount)('refuses on a full disk, can be trimmed there, and goes on by itself', async () => {
    await open();
    const script = 'dir=$1; shift; mount -t tmpfs -o size=8m tmpfs "$dir" && exec "$@" fill "$dir"';
    const filler = child.run([], ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', dir]);
    expect(await filler.ended, filler.stderr()).toBe(0);
    expect(filler.lines[1]).toBe('full room=false');
    const [, intact, kept] = /^intact (\d+) of (\d+) room=true$/.exec(filler.lines[2]!)!;
    expect(intact).toBe(kept);
    expect(Number(kept)).toBeGreaterThan(400);
  });
});

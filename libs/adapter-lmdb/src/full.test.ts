// When there is no room: appends are refused with a retriable error, nothing stored is harmed, and work goes on once there is room again.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogError } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { openLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';
import { buildChild, until, type ChildProgram, type RunningChild } from '@assay/event-log/testing';

const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 };
const HOUR_US = 3_600_000_000;
const value = (fill: number): Uint8Array => new Uint8Array(50_000).fill(fill);

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'assay-full-'))) && undefined);
afterEach(() => rm(dir, { recursive: true, force: true }));

const outcome = (append: Promise<unknown>): Promise<string> =>
  append.then(
    () => 'done',
    (error: unknown) => (error instanceof LogError ? `${error.code} ${error.retriable}` : String(error)),
  );

describe('a log at its stated size', () => {
  let log: LmdbEventLog;
  beforeEach(
    async () =>
      (log = await openLmdbEventLog({ dir, clock: systemClock, limits: { maxStoredBytes: 1_000_000 } })) && undefined,
  );
  afterEach(() => log.close());

  it('refuses appends, and takes them again after retention made room', async () => {
    const topic = { name: 't', partitions: 1, retentionBytes: 2 ** 40, retentionUs: HOUR_US };
    await log.ensureTopics([topic]);
    let appended = 0;
    while ((await outcome(log.append('t', [{ value: value(appended) }]))) === 'done') appended++;
    expect(appended).toBe(19);
    expect(await outcome(log.append('t', [{ value: value(0) }]))).toBe('full true');
    expect(await log.readFrom('t', 0, 0, EVERYTHING)).toHaveLength(19);

    await log.ensureTopics([{ ...topic, retentionBytes: 500_000 }]);
    await until('room', async () => (await outcome(log.append('t', [{ value: value(99) }]))) === 'done');
    expect(log.stats().refusedFull).toBeGreaterThanOrEqual(2);
    expect((await log.readFrom('t', 0, 0, EVERYTHING)).at(-1)).toMatchObject({ offset: 19 });
  });
});

it('refuses appends while too many bytes wait for the disk', async () => {
  const log = await openLmdbEventLog({ dir, clock: systemClock, limits: { maxPendingBytes: 200_000 } });
  await log.ensureTopics([{ name: 't', partitions: 1, retentionBytes: 2 ** 40, retentionUs: HOUR_US }]);
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) => outcome(log.append('t', [{ value: value(i) }]))),
  );
  expect(outcomes).toContain('full true');
  expect(outcomes.filter((text) => text === 'done').length).toBeGreaterThanOrEqual(3);
  const stored = await log.readFrom('t', 0, 0, EVERYTHING);
  expect(stored).toHaveLength(outcomes.filter((text) => text === 'done').length);
  expect(await outcome(log.append('t', [{ value: value(1) }]))).toBe('done');
  await log.close();
});

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

describe('a disk that is full in the middle of a commit', () => {
  let child: ChildProgram;
  beforeAll(async () => (child = await buildChild(new URL('./testing/log-child.ts', import.meta.url))) && undefined);
  afterAll(() => child.remove());

  /** Fills the log until it is refused, makes room, and expects everything acknowledged, before and after, to be intact. */
  async function fillThenGoOn(
    filler: RunningChild,
    code: string,
    makeRoom: () => void,
  ): Promise<{ acked: number; stored: number }> {
    const refused = `refused ${code}`;
    try {
      await until('the disk to be full', () => filler.lines.includes(refused) || filler.process.exitCode !== null);
      makeRoom();
      expect(await filler.ended, filler.stderr()).toBe(0);
      const acked = (lines: readonly string[]): number => lines.filter((line) => line.startsWith('acked')).length;
      const before = acked(filler.lines.slice(0, filler.lines.indexOf(refused)));
      expect(before, filler.stderr()).toBeGreaterThan(15);
      expect(acked(filler.lines)).toBe(before + 1);
      const [, intact, stored] = /^intact (\d+) of (\d+)$/.exec(
        filler.lines.find((line) => line.startsWith('intact'))!,
      )!;
      expect(intact).toBe(stored);
      return { acked: before + 1, stored: Number(stored) };
    } finally {
      filler.process.kill('SIGKILL');
      await filler.ended;
    }
  }

  // A mount of our own is small enough to fill; it needs user namespaces, which some containers forbid.
  const canMount = works('unshare', '--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir());
  const onSmallDisk = (recordBytes: number, ...retention: number[]): RunningChild => {
    const script =
      'dir=$1; bytes=$2; retention=$3; shift 3; mount -t tmpfs -o size=8m tmpfs "$dir" && ' +
      '{ "$@" fill "$dir" t "$bytes" $retention & [ -n "$retention" ] || { read -r _; mount -o remount,size=64m "$dir"; }; wait $!; }';
    const args = ['-c', script, 'sh', dir, String(recordBytes), retention.join('')];
    return child.run([], ['unshare', '--user', '--map-root-user', '--mount', 'sh', ...args]);
  };

  it.skipIf(!canMount)('refuses with LogError full, and goes on when the disk has room again', async () => {
    const filler = onSmallDisk(100_000);
    const { acked, stored } = await fillThenGoOn(filler, 'full', () => filler.process.stdin!.write('\n'));
    expect(stored).toBe(acked);
  });

  // The hard case: the disk stays full, and dropping records needs room itself. Small records leave LMDB no gaps to do it in.
  it.skipIf(!canMount).each([100_000, 1_000])(
    'goes on when retention drops records of %i bytes',
    async (recordBytes) => {
      const filler = onSmallDisk(recordBytes, 1_000_000);
      const { stored } = await fillThenGoOn(filler, 'full', () => undefined);
      expect(stored).toBeLessThanOrEqual(1_000_000 / recordBytes + 1);
    },
  );

  // A file-size limit makes LMDB see the same short write while the disk has room.
  it.skipIf(!works('prlimit', '--version'))(
    'refuses with LogError unavailable when the disk does not say that it is full',
    async () => {
      const filler = child.run(['fill', dir, 't', '100000'], ['prlimit', '--fsize=3000000:unlimited']);
      const makeRoom = (): void =>
        void execFileSync('prlimit', [`--pid=${filler.process.pid}`, '--fsize=unlimited:unlimited']);
      const { acked, stored } = await fillThenGoOn(filler, 'unavailable', makeRoom);
      expect(stored).toBe(acked);
    },
  );
});

describe('retention', () => {
  it('reuses the room it frees: the file stays near what is retained while forty times that much is appended', async () => {
    const log = await openLmdbEventLog({ dir, clock: systemClock, limits: { retentionStep: 8 } });
    await log.ensureTopics([{ name: 't', partitions: 2, retentionBytes: 500_000, retentionUs: HOUR_US }]);
    for (let i = 0; i < 800; i++) {
      await log.append('t', [{ value: value(i).subarray(0, 10_000 + ((i * 7919) % 40_000)) }], i % 2);
      if (i % 20 === 19) await log.sweepRetention();
    }
    await log.sweepRetention();
    const { storedBytes, droppedBytes, appendedBytes } = log.stats();
    expect(storedBytes).toBeLessThanOrEqual(1_000_000);
    expect(droppedBytes).toBe(appendedBytes - storedBytes);
    expect((await stat(join(dir, 'data.mdb'))).size).toBeLessThan(8_000_000);
    await log.close();
  });

  it('drops by age, and a reader left behind is told to the operator and goes on from what is retained', async () => {
    let nowUs = 1_700_000_000_000_000;
    const warnings: string[] = [];
    const log = await openLmdbEventLog({
      dir,
      clock: { nowUs: () => nowUs },
      onWarning: (message) => warnings.push(message),
    });
    await log.ensureTopics([{ name: 't', partitions: 1, retentionBytes: 2 ** 40, retentionUs: HOUR_US }]);
    for (let i = 0; i < 4; i++) {
      await log.append('t', [{ value: value(i) }, { value: value(i) }]);
      nowUs += HOUR_US / 3;
    }
    await log.sweepRetention();
    const stored = await log.readFrom('t', 0, 1, EVERYTHING);
    expect(stored.map((record) => record.offset)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(warnings).toEqual(['t/0: offsets 1 to 1 were dropped by retention before they were read']);
    expect(log.stats()).toMatchObject({ readsBehindRetention: 1, droppedRecords: 2 });
    nowUs += 2 * HOUR_US;
    await log.sweepRetention();
    expect(await log.readFrom('t', 0, 0, EVERYTHING)).toEqual([]);
    expect(await log.append('t', [{ value: value(9) }])).toEqual({ partition: 0, baseOffset: 8 });
    await log.close();
  });
});

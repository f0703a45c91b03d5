// What "resolves once the records are durable" means, seen from outside: the system calls of an appending process, and what happens when the disk stalls.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { LogError } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { openLmdbEventLog } from './lmdb-event-log.ts';
import { buildChild, until, type ChildProgram } from '@assay/event-log/testing';

let child: ChildProgram;
let dir: string;
beforeAll(async () => (child = await buildChild(new URL('./testing/log-child.ts', import.meta.url))) && undefined);
afterAll(() => child.remove());
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'assay-durable-'))) && undefined);
afterEach(() => rm(dir, { recursive: true, force: true }));

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0;

it.skipIf(!canTrace)(
  'resolves an append only after the fdatasync of its pages and the synchronous write of the meta page',
  async () => {
    const trace = join(dir, 'trace');
    const appender = child.run(
      ['append', dir, 't', '0', '1', '0', '10'],
      ['strace', '-f', '-o', trace, '-e', 'trace=openat,pwrite64,pwritev,writev,fdatasync,write'],
    );
    expect(await appender.ended, appender.stderr()).toBe(0);

    // Each call counts at the line where it returned; another thread may have been traced in between.
    const steps: string[] = [];
    for (const line of (await readFile(trace, 'utf8')).split('\n')) {
      if (/openat\(.*data\.mdb.*O_DSYNC/.test(line)) steps.push('opened for synchronous writes');
      else if (/(fdatasync\(|fdatasync resumed).*= 0$/.test(line)) steps.push('synced');
      else if (/(pwrite64\(|pwrite64 resumed|pwritev\(|pwritev resumed| writev\(|writev resumed).*= \d+$/.test(line))
        steps.push('wrote');
      else if (/ write\(1, "acked /.test(line)) steps.push('acked');
    }
    expect(steps).toContain('opened for synchronous writes');
    const perAppend = steps.slice(steps.indexOf('opened for synchronous writes')).join(' ').split('acked').slice(0, 10);
    expect(perAppend).toHaveLength(10);
    for (const before of perAppend) expect(before).toMatch(/wrote synced wrote $/);
  },
);

it('fails appends with LogError unavailable when the write lock or the disk stalls, queues no more, and goes on afterwards', async () => {
  const log = await openLmdbEventLog({ dir, clock: systemClock, limits: { flushTimeoutMs: 100 } });
  await log.ensureTopics([{ name: 't', partitions: 4, retentionBytes: 2 ** 40, retentionUs: 1e15 }]);
  const release = join(dir, 'release');
  const holder = child.run(['hold', dir, 't', release]);
  await until('the lock to be held', () => holder.lines.includes('holding') || holder.process.exitCode !== null);
  const append = (text: string): Promise<unknown> =>
    log.append('t', [{ value: Buffer.from(text) }], 0).then(
      () => 'done',
      (error: unknown) => error,
    );
  const [first, second] = await Promise.all([append('first'), append('second')]);
  for (const error of [first, second, await append('third')]) {
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code: 'unavailable', retriable: true });
  }
  await writeFile(release, '');
  await until('appends to work again', async () => (await append('fourth')) === 'done');
  // The outcome of the first two was unknown when they failed; here they did happen. The third was refused, so it did not.
  const texts = (await log.readFrom('t', 0, 0, { maxRecords: 100, maxBytes: 1e6, waitMs: 0 })).map((record) =>
    Buffer.from(record.value).toString(),
  );
  expect(texts).toEqual(['first', 'second', 'fourth']);
  holder.process.stdin!.end();
  expect(await holder.ended, holder.stderr()).toBe(0);
  await log.close();
});

// The second process (or thread) of the tests: opens a log directory and appends or consumes until it is told to stop or is killed.
// Every line it prints is written synchronously and after the fact it states, so what was printed did happen, whatever kills it next.
import { existsSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { open } from 'lmdb';
import { systemClock } from '@assay/kernel';
import { LogError } from '@assay/event-log';
import { openLmdbEventLog } from '../lmdb-event-log.ts';
import type { LmdbLogLimits } from '../limits.ts';
import { valueFor } from './numbered-value.ts';

const [mode, dir, topic, ...rest] = process.argv.slice(2) as [string, string, string, ...string[]];

const say = (line: string): void => {
  if (parentPort !== null) parentPort.postMessage(line);
  else writeSync(1, `${line}\n`);
};

const limits: Partial<LmdbLogLimits> = { groupPollMs: 20, restartPauseMs: 20, retentionIntervalMs: 50 };
const log = await openLmdbEventLog({ dir, clock: systemClock, limits });
await log.ensureTopics([{ name: topic, partitions: 4, retentionBytes: 2 ** 40, retentionUs: 1e15 }]);
let stopping = false;
const stop = (): void => void (stopping = true);
if (parentPort === null) process.stdin.on('end', stop).resume();
say('open');

switch (mode) {
  // append <dir> <topic> <partition> <outstanding> <first number> [count]: prints `acked <number> <offset>`.
  case 'append': {
    const [partition, outstanding, first, count] = rest.map(Number) as [number, number, number, number | undefined];
    let next = first;
    const end = count === undefined ? Infinity : first + count;
    const lane = async (): Promise<void> => {
      while (!stopping && next < end) {
        const number = next++;
        const { baseOffset } = await log.append(topic, [{ value: valueFor(number) }], partition);
        say(`acked ${number} ${baseOffset}`);
      }
    };
    await Promise.all(Array.from({ length: outstanding }, lane));
    break;
  }
  // fill <dir> <topic> <record bytes> [retention bytes]: appends until the disk is full, prints `refused <code>`, lowers the retention if
  // one is given, goes on trying until it works again, and prints how many of the records it then reads back are intact.
  case 'fill': {
    const [recordBytes, retentionBytes] = rest.map(Number) as [number, number | undefined];
    let number = 0;
    for (let wasFull = false; ;) {
      try {
        const { baseOffset } = await log.append(topic, [{ value: new Uint8Array(recordBytes).fill(number % 251) }], 0);
        say(`acked ${number++} ${baseOffset}`);
        if (wasFull) break;
      } catch (error) {
        if (!(error instanceof LogError) || !error.retriable) throw error;
        if (!wasFull) say(`refused ${error.code}`);
        if (!wasFull && retentionBytes !== undefined) {
          await log.ensureTopics([{ name: topic, partitions: 4, retentionBytes, retentionUs: 1e15 }]);
        }
        wasFull = true;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    // An append can succeed while the retention still has records to drop.
    if (retentionBytes !== undefined) await log.sweepRetention();
    const stored = await log.readFrom(topic, 0, 0, { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 });
    say(
      `intact ${stored.filter((record, i) => record.offset === stored[0]!.offset + i && record.value.every((byte) => byte === record.offset % 251)).length} of ${stored.length}`,
    );
    break;
  }
  // hold <dir> <topic> <file>: keeps the write lock, as a process frozen in the middle of a transaction does, until the file exists.
  case 'hold': {
    open({ path: dir, noSubdir: false, overlappingSync: false }).transactionSync(() => {
      say('holding');
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      while (!existsSync(rest[0]!)) Atomics.wait(sleeper, 0, 0, 5);
    });
    break;
  }
  // consume <dir> <topic> <group>: prints `held <partition>`, `consumed <partition> <offset>` after each commit, and `released <partition>`.
  case 'consume': {
    const member = await log.join(
      rest[0]!,
      [topic],
      async (session) => {
        say(`held ${session.partition}`);
        try {
          let offset = (await session.committed())?.offset ?? 0;
          while (!session.signal.aborted) {
            const records = await session.read(offset, { maxRecords: 100, maxBytes: 2 ** 20, waitMs: 1000 });
            if (records.length === 0) continue;
            offset = records.at(-1)!.offset + 1;
            await session.commit({ offset, metadata: '' });
            for (const record of records) say(`consumed ${session.partition} ${record.offset}`);
          }
        } finally {
          say(`released ${session.partition}`);
        }
      },
      (error) => say(`error ${String(error)}`),
    );
    while (!stopping) await new Promise((resolve) => setTimeout(resolve, 5));
    await member.close();
    break;
  }
  default:
    throw new Error(`unknown mode ${mode}`);
}
await log.close();
say('closed');
process.stdin.destroy();

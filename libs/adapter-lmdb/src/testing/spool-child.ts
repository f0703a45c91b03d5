// The second process of the spool's tests: fills a spool until it is killed, or until the disk is full. Every line it prints is written
// synchronously and after the fact it states.
import { writeSync } from 'node:fs';
import { systemClock } from '@assay/kernel';
import { LogError } from '@assay/event-log';
import { openLmdbSpool } from '../lmdb-spool.ts';
import { valueFor } from './numbered-value.ts';

const [mode, dir] = process.argv.slice(2) as [string, string];
const say = (line: string): void => void writeSync(1, `${line}\n`);
const spool = await openLmdbSpool({ dir, clock: systemClock, maxBytes: 2 ** 30 });
say('open');

switch (mode) {
  // append <dir>: prints `acked <number>` for ever.
  case 'append': {
    const lane = async (first: number): Promise<never> => {
      for (let number = first; ; number += 4) {
        await spool.append('t', [{ value: valueFor(number) }], number % 4);
        say(`acked ${number}`);
      }
    };
    await Promise.all([0, 1, 2, 3].map(lane));
    break;
  }
  // fill <dir>: appends until the disk is full, drops the older half, appends again, and prints how much is there and intact.
  case 'fill': {
    let acked = 0;
    const unlessFull = async (act: () => Promise<unknown>): Promise<boolean> => {
      try {
        await act();
        return true;
      } catch (error) {
        if (!(error instanceof LogError && error.code === 'full' && error.retriable)) throw error;
        return false;
      }
    };
    const append = (): Promise<boolean> =>
      unlessFull(async () => {
        await spool.append('t', [{ value: new Uint8Array(3000).fill(acked % 251) }], 0);
        acked++;
      });
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    while (await append());
    say(`full room=${spool.hasRoom}`);
    const half = Math.floor(acked / 2);
    // Possible once the reserve was given up.
    while (!(await unlessFull(() => spool.trim(half)))) await pause();
    while (!(await append())) await pause();
    const kept = spool.read(0, { maxRecords: 1e9, maxBytes: 1e12 });
    const intact = kept.filter(({ position, records: [record] }) =>
      record!.value.every((byte) => byte === position % 251),
    );
    say(`intact ${intact.length} of ${acked - half} room=${spool.hasRoom}`);
    break;
  }
  default:
    throw new Error(`unknown mode ${mode}`);
}
await spool.close();
say('closed');

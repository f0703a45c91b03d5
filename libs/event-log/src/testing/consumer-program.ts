// The consumer that the contract kills and freezes: in every partition it commits one batch, reads the next and then stands in the middle of
// it until it is told to commit. What it prints was so when it printed it:
// `held <partition> <committed offset>`, `read <partition> <last offset>`, `revoked <partition>`, `committed <partition>`,
// `refused <partition> <code>`, `released <partition>`.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { LogError, type EventLog, type PartitionSession } from '../event-log.ts';

const BATCH = { maxRecords: 10, maxBytes: 2 ** 20, waitMs: 200 };

const say = (line: string): void => void writeSync(1, `${line}\n`);

/** Consumes until standard input ends; the line `commit` lets every handler go on. Closes the log. */
export async function runConsumerProgram(log: EventLog, group: string, topic: string): Promise<void> {
  const goOn = deferred();
  const ended = deferred();
  createInterface({ input: process.stdin }).on('line', goOn.resolve).on('close', ended.resolve);
  const member = await log.join(
    group,
    [topic],
    (session) => consume(session, goOn.promise),
    (error) => say(`error ${String(error)}`),
  );
  await ended.promise;
  await member.close();
  await log.close();
}

async function consume(session: PartitionSession, goOn: Promise<void>): Promise<void> {
  const { partition, signal } = session;
  let offset = (await session.committed())?.offset ?? 0;
  say(`held ${partition} ${offset}`);
  signal.addEventListener('abort', () => say(`revoked ${partition}`));
  try {
    for (let batch = 0; !signal.aborted; batch++) {
      const records = await session.read(offset, BATCH);
      if (records.length === 0) continue;
      offset = records.at(-1)!.offset + 1;
      if (batch > 0) {
        say(`read ${partition} ${offset - 1}`);
        await goOn;
      }
      await session.commit({ offset, metadata: '' });
      if (batch > 0) say(`committed ${partition}`);
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    say(`refused ${partition} ${error.code}`);
  } finally {
    say(`released ${partition}`);
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

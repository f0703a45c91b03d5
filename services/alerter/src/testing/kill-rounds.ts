// kill -9 between sending and putting on record that it was sent: what was owed is told all the same, the same message under the same id, and
// what is on record as delivered is never sent again. The same on every log.
import { decodeAlertRecord, type AlertRecord } from '@assay/alerting';
import { TOPIC, type EventLog } from '@assay/event-log';
import { buildChild, until, type RunningChild } from '@assay/event-log/testing';
import { expect } from 'vitest';
import { HttpReceiver } from './http-receiver.ts';

const WORKERS = 30;

export interface KilledOnLog {
  /** As the child's first argument. */
  readonly place: string;
  /** Opens the log for a look at it, while no child runs. */
  readonly open: () => Promise<EventLog>;
}

/** Throws where something was lost, or sent again that need not be. The topics must be there. */
export async function killRounds(kills: number, { place, open }: KilledOnLog): Promise<void> {
  const program = await buildChild(new URL('./alerter-child.ts', import.meta.url));
  const receiver = await HttpReceiver.start(() => ({ status: 204 }));
  const run = (verdict: 'firing' | 'ok'): RunningChild =>
    program.run([place, receiver.url('/hook'), String(WORKERS), verdict]);

  const records = async (): Promise<AlertRecord[]> => {
    const log = await open();
    const { end } = await log.bounds(TOPIC.alerts, 0);
    const all: AlertRecord[] = [];
    while (all.length < end) {
      const stored = await log.readFrom(TOPIC.alerts, 0, all.length, { maxRecords: 1e5, maxBytes: 1e7, waitMs: 1000 });
      all.push(...stored.map(({ value }) => decodeAlertRecord(value)!));
    }
    await log.close();
    return all;
  };
  const received = (): { readonly id: string; readonly type: string }[] =>
    receiver.received.map(({ body }) => JSON.parse(body) as { id: string; type: string });
  const distinct = (type: string): Set<string> =>
    new Set(received().flatMap((each) => (each.type === type ? [each.id] : [])));

  try {
    let cutShort = 0;
    for (let round = 0; round < kills; round++) {
      const before = await records();
      const delivered = new Set(before.flatMap((record) => (record.type === 'delivered' ? [record.id] : [])));
      const seen = receiver.received.length;
      // The third message of each round has arrived and is not answered any more: delivered, and not on record.
      receiver.respond = () => (receiver.received.length - seen >= 3 ? undefined : { status: 204 });
      const child = run('firing');
      const news = (): number => receiver.received.length - seen;
      await until('a message to be cut short', () => news() >= 3 || child.process.exitCode !== null);
      await kill(child);
      if (round > 0 && received()[seen]!.id === received()[seen - 1]!.id) cutShort++;
      for (const { id } of received().slice(seen)) expect(delivered).not.toContain(id);
    }
    // Every kill came between the sending and the record of it: the next process began with that very message.
    expect(cutShort).toBe(kills - 1);

    receiver.respond = () => ({ status: 204 });
    const telling = run('firing');
    await until('every beginning to be told', () => distinct('alert.firing').size >= WORKERS);
    await kill(telling);
    const ending = run('ok');
    await until('every end to be told', () => distinct('alert.resolved').size >= WORKERS);
    await kill(ending);

    expect([distinct('alert.firing').size, distinct('alert.resolved').size]).toEqual([WORKERS, WORKERS]);
    const owed = (await records()).flatMap((record) =>
      record.type === 'notification' ? [record.notification.id] : [],
    );
    expect(new Set(owed)).toEqual(new Set([...distinct('alert.firing'), ...distinct('alert.resolved')]));
    // What came twice is what the kills cut short, and nothing else: at most one a kill.
    expect(receiver.received.length - 2 * WORKERS).toBeLessThanOrEqual(kills + 2);
  } finally {
    await receiver.close();
    await program.remove();
  }
}

async function kill(child: RunningChild): Promise<void> {
  child.process.kill('SIGKILL');
  expect(await child.ended, child.stderr()).toBe('SIGKILL');
}

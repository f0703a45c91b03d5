// kill -9 between sending and putting on record that it was sent: what was owed is told all the same, the same message under the same id, and
// what is on record as delivered is never sent again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { decodeAlertRecord, type AlertRecord } from '@assay/alerting';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { buildChild, until, type ChildProgram, type RunningChild } from '@assay/event-log/testing';
import { systemClock } from '@assay/kernel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpReceiver } from '../testing/http-receiver.ts';

const WORKERS = 30;
const KILLS = 5;

let program: ChildProgram;
let dir: string;
let receiver: HttpReceiver;
beforeAll(async () => {
  program = await buildChild(new URL('../testing/alerter-child.ts', import.meta.url));
  dir = await mkdtemp(join(tmpdir(), 'assay-alerter-kill-'));
  receiver = await HttpReceiver.start(() => ({ status: 204 }));
  const log = await openLmdbEventLog({ dir, clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  await log.close();
});
afterAll(async () => {
  await receiver.close();
  await program.remove();
  await rm(dir, { recursive: true, force: true });
});

async function records(): Promise<AlertRecord[]> {
  const log = await openLmdbEventLog({ dir, clock: systemClock });
  const stored = await log.readFrom(TOPIC.alerts, 0, 0, { maxRecords: 1e6, maxBytes: 1e9, waitMs: 0 });
  await log.close();
  return stored.map(({ value }) => decodeAlertRecord(value)!);
}

const deliveredIds = async (): Promise<Set<string>> =>
  new Set((await records()).flatMap((record) => (record.type === 'delivered' ? [record.id] : [])));

const received = (): { readonly id: string; readonly type: string }[] =>
  receiver.received.map(({ body }) => JSON.parse(body) as { id: string; type: string });

async function kill(child: RunningChild): Promise<void> {
  child.process.kill('SIGKILL');
  expect(await child.ended, child.stderr()).toBe('SIGKILL');
}

it(`tells everything over ${KILLS} kills in the middle of sending`, async () => {
  let cutShort = 0;
  for (let round = 0; round < KILLS; round++) {
    const before = await deliveredIds();
    const seen = receiver.received.length;
    const child = program.run([dir, receiver.url('/hook'), String(WORKERS), 'firing']);
    // The third message of each round has arrived and is not answered any more: delivered, and not on record.
    receiver.respond = () => (receiver.received.length - seen >= 3 ? undefined : { status: 204 });
    await until(
      'a message to be cut short',
      () => receiver.received.length - seen >= 3 || child.process.exitCode !== null,
    );
    await kill(child);
    const [first] = received().slice(seen);
    if (round > 0 && first!.id === received()[seen - 1]!.id) cutShort++;
    for (const { id } of received().slice(seen)) expect(before).not.toContain(id);
  }
  // Every kill came between the sending and the record of it: the next process began with that very message.
  expect(cutShort).toBe(KILLS - 1);

  receiver.respond = () => ({ status: 204 });
  const telling = program.run([dir, receiver.url('/hook'), String(WORKERS), 'firing']);
  const distinct = (type: string): Set<string> =>
    new Set(received().flatMap((each) => (each.type === type ? [each.id] : [])));
  await until('every beginning to be told', () => distinct('alert.firing').size >= WORKERS);
  await kill(telling);

  const ending = program.run([dir, receiver.url('/hook'), String(WORKERS), 'ok']);
  await until('every end to be told', () => distinct('alert.resolved').size >= WORKERS);
  await kill(ending);

  expect([distinct('alert.firing').size, distinct('alert.resolved').size]).toEqual([WORKERS, WORKERS]);
  const owed = (await records()).flatMap((record) => (record.type === 'notification' ? [record.notification.id] : []));
  expect(new Set(owed)).toEqual(new Set([...distinct('alert.firing'), ...distinct('alert.resolved')]));
  // What came twice is what the kills cut short, and nothing else: at most one a kill.
  expect(receiver.received.length - 2 * WORKERS).toBeLessThanOrEqual(KILLS + 2);
}, 60_000);

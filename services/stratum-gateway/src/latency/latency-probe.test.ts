// Machines asked over real sockets: one that answers, one that does not know the question, one that is silent, one that hangs up.
import { TOPIC } from '@assay/event-log';
import { VERSION_REQUEST_ID } from '@assay/stratum';
import type { WorkerLatencies } from '@assay/tenancy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, gatewayFixture, WORKER } from '../testing/fixture.ts';
import { startTestGateway } from '../testing/test-gateway.ts';
import { TestMiner, type Message } from '../testing/test-miner.ts';
import { TouchyFirmware } from './touchy-firmware.ts';

const fixture = gatewayFixture();
const PROBED = { latencyProbeSeconds: 1 };

const questions = (miner: TestMiner): Message[] =>
  miner.messages.filter(({ method }) => method === 'client.get_version');

async function asked(miner: TestMiner, times: number): Promise<unknown> {
  await miner.until(() => questions(miner).length >= times, `question ${times}`);
  return questions(miner)[times - 1]!.id;
}

function answer(miner: TestMiner, reply: Record<string, unknown>): void {
  miner.socket.write(`${JSON.stringify(reply)}\n`);
}

async function latencies(): Promise<WorkerLatencies[]> {
  const { log } = fixture.running;
  const out: WorkerLatencies[] = [];
  for (let partition = 0; partition < (await log.partitions(TOPIC.workerLatencies)); partition++) {
    const read = { maxRecords: 1000, maxBytes: 1e6, waitMs: 0 };
    const records = await log.readFrom(TOPIC.workerLatencies, partition, 0, read);
    out.push(...records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as WorkerLatencies));
  }
  return out;
}

describe('a machine', () => {
  it('that answers is timed, whether or not it knows the question, and the gateway puts it on record', async () => {
    const { gateway } = await fixture.start(PROBED);
    const knows = await fixture.ready();
    const other = await fixture.ready('acme.south.m2');
    answer(knows, { id: await asked(knows, 1), result: 'cgminer/4.12', error: null });
    answer(other, { id: await asked(other, 1), result: null, error: [-3, 'Method not found', null] });
    await eventually(() => gateway.tallies.minerLatency.count === 2, 'both to be timed');
    // The next question has an id of its own, so that a late answer is not taken for it.
    expect(await asked(knows, 2)).not.toBe(questions(knows)[0]!.id);
    await gateway.stop();
    const records = await latencies();
    expect(records.map(({ gateway: name }) => name)).toEqual(['gateway-1']);
    expect(records[0]!.atUs % 60e6).toBe(0);
    expect(records[0]!.workers.map(([worker, answers]) => [worker, answers]).sort()).toEqual([
      [WORKER, 1],
      ['acme.south.m2', 1],
    ]);
    for (const [, , totalUs, slowestUs] of records[0]!.workers) {
      expect(totalUs).toBeGreaterThan(0);
      expect(slowestUs).toBe(totalUs);
    }
  });

  it('that answers what it was not asked, or another time, is not timed for it', async () => {
    const { gateway } = await fixture.start(PROBED);
    const miner = await fixture.ready();
    answer(miner, { id: VERSION_REQUEST_ID + 1, result: 'too early', error: null });
    const first = await asked(miner, 1);
    expect(first).toBe(VERSION_REQUEST_ID + 1);
    const second = await asked(miner, 2);
    answer(miner, { id: first, result: 'too late', error: null });
    answer(miner, { id: second, result: 'in time', error: null });
    answer(miner, { id: second, result: 'twice', error: null });
    await asked(miner, 3);
    expect(gateway.tallies.minerLatency.count).toBe(1);
    expect(gateway.tallies.unansweredQuestions).toBe(1);
  });

  it('that answers neither of two questions is asked no more, none where that is off, and is served as before', async () => {
    const off = await startTestGateway({ latencyProbeSeconds: 0 });
    onTestFinished(() => off.stop());
    const { gateway } = await fixture.start(PROBED);
    const unasked = await TestMiner.ready(off.port, WORKER);
    onTestFinished(() => unasked.close());
    const silent = await fixture.ready();
    const speaking = await fixture.ready('acme.south.m2');
    for (let times = 1; times <= 5; times++)
      answer(speaking, { id: await asked(speaking, times), result: 'x/1', error: null });
    expect(questions(unasked)).toHaveLength(0);
    expect(questions(silent)).toHaveLength(2);
    expect(gateway.tallies.unansweredQuestions).toBe(2);
    expect(await silent.submit(WORKER, silent.mine())).toMatchObject({ result: true });
  });
});

describe('firmware', () => {
  it('that hangs up when it is asked, three times and never answers, is asked no more', async () => {
    const { gateway } = await fixture.start(PROBED);
    const touchy = async (): Promise<TestMiner> => {
      const miner = await fixture.connect();
      await miner.call('mining.subscribe', ['touchy/1']);
      await miner.call('mining.authorize', [WORKER, 'x']);
      return miner;
    };
    const hangUp = async (miner: TestMiner): Promise<void> => {
      await asked(miner, 1);
      miner.socket.destroy();
    };
    await Promise.all([await touchy(), await touchy(), await touchy()].map(hangUp));
    await eventually(() => gateway.tallies.hangUpsOnQuestions === 3, 'the hang-ups to be seen');
    const again = await touchy();
    const other = await fixture.ready('acme.south.m2');
    await asked(other, 2);
    expect(questions(again)).toHaveLength(0);
  });

  it('that answered once is asked on, whoever hangs up besides, and there is a bound to those told apart', () => {
    const firmware = new TouchyFirmware();
    firmware.answered('good/1');
    for (let i = 0; i < 10; i++) firmware.hungUp('good/1');
    expect(firmware.mayBeAsked('good/1')).toBe(true);
    for (let i = 0; i < 1000; i++) firmware.hungUp(`x/${i}`);
    expect(firmware.mayBeAsked('x/0')).toBe(true);
    expect(firmware.mayBeAsked('x/999')).toBe(false);
    expect(firmware.mayBeAsked('never/seen')).toBe(false);
  });
});

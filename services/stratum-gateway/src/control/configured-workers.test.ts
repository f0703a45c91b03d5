// What the control log says of workers, as machines meet it over real sockets.
import { ControlLog } from '@assay/control-log';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { fastHash, formatSecretHash, type Actor, type ObjectChange } from '@assay/tenancy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, gatewayFixture } from '../testing/fixture.ts';
import { memoryLog } from '../testing/test-gateway.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const WORKER = 'acme.north.m1';
const gateway = gatewayFixture();
let log: EventLog;
let control: ControlLog;

beforeEach(async () => {
  log = await memoryLog(systemClock);
  control = new ControlLog({ log, onWarning: () => undefined });
});
afterEach(() => control.close());

const tenant = (more: object = {}): ObjectChange => ({
  op: 'put',
  kind: 'tenant',
  id: 'acme',
  body: { name: 'Acme', kind: 'hosting', autoRegister: true, ...more },
});
const worker = (more: object = {}, id = WORKER): ObjectChange => ({
  op: 'put',
  kind: 'worker',
  id,
  body: { standing: 'active', tags: [], ...more },
});

async function change(...changes: readonly ObjectChange[]): Promise<void> {
  expect(await control.change(TOOL, changes)).toMatchObject({ applied: true });
}

async function login(password: string, name = WORKER): Promise<unknown> {
  const miner = await gateway.connect();
  await miner.subscribe();
  return (await miner.call('mining.authorize', [name, password])).result;
}

describe('the secret of a worker', () => {
  it('that was set before the gateway began is asked for by the first machine', async () => {
    await change(tenant(), worker({ secretHash: formatSecretHash(fastHash('s3cret')) }));
    await gateway.start({}, { log });
    expect(await login('s3cret')).toBe(true);
    expect(await login('other')).toBe(false);
  });

  it('that changes holds for the next login, and ends the connections it was not given on', async () => {
    await change(tenant(), worker());
    await gateway.start({}, { log });
    const miner = await gateway.ready(WORKER);
    await change(worker({ secretHash: formatSecretHash(fastHash('n3w')), tags: ['a'] }));
    await miner.until(() => miner.closed, 'the close');
    expect(await login('x')).toBe(false);
    const back = await gateway.ready(WORKER, 'n3w');
    // Another change of the same worker is none of the machine's business.
    await change(worker({ secretHash: control.state.get('worker', WORKER)!.body.secretHash, tags: ['b'] }));
    expect(await back.submit(WORKER, back.mine())).toMatchObject({ result: true });
    expect(back.closed).toBe(false);
  });
});

it('a worker that is retired is sent away and let in no more', async () => {
  await change(tenant(), worker());
  await gateway.start({}, { log });
  const miner = await gateway.ready(WORKER);
  await change(worker({ standing: 'retired' }));
  await miner.until(() => miner.closed, 'the close');
  expect(await login('x')).toBe(false);
});

it('the limit of a tenant holds at once for machines that are connected', async () => {
  await change(tenant({ maxSubmitsPerSecond: 100_000 }), worker());
  await gateway.start({}, { log });
  const miner = await gateway.ready(WORKER);
  expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
  await change(tenant({ maxSubmitsPerSecond: 0.1 }));
  await eventually(async () => {
    const { error } = await miner.submit(WORKER, miner.mine());
    return Array.isArray(error);
  }, 'the limit');
});

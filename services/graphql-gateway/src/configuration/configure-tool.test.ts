import { openMemoryEventLog } from '@assay/adapter-memory';
import { ControlLog } from '@assay/control-log';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { Sealer } from '@assay/platform';
import { channelSecret } from '@assay/tenancy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfigure, runConfigure } from './configure-tool.ts';

const sealer = new Sealer([Buffer.alloc(32, 1)]);
const TENANT = { name: 'Acme', kind: 'hosting', autoRegister: true };
const SLACK = 'https://hooks.slack.example/services/T0/B0/x';
const FILE = {
  format: 'assay configuration 1',
  // Not in the order in which it can be entered.
  objects: [
    {
      kind: 'alert_channel',
      id: 'chat',
      body: { tenant: 'acme', name: 'Chat', enabled: true, sendsTo: { type: 'slack', sealedUrl: { seal: SLACK } } },
    },
    { kind: 'worker', id: 'acme.north.m1', body: { standing: 'active', tags: [], expectedHashRateHs: 1e14 } },
    { kind: 'site', id: 'acme.north', body: { name: 'North' } },
    { kind: 'tenant', id: 'acme', body: TENANT },
  ],
};

const opened: ControlLog[] = [];
let control: ControlLog;

async function newControl(): Promise<ControlLog> {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const made = new ControlLog({ log, onWarning: () => undefined });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  control = await newControl();
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function run(args: readonly string[], input: unknown = '', on = control, seals = sealer): Promise<string[]> {
  const lines: string[] = [];
  await runConfigure(parseConfigure(args)!, {
    control: on,
    by: { kind: 'system', id: 'configure by ann' },
    seals,
    readInput: () => (typeof input === 'string' ? input : JSON.stringify(input)),
    say: (line) => lines.push(...line.split('\n')),
  });
  return lines;
}

it('takes a file, in whatever order it is written, and seals its secrets', async () => {
  expect(await run(['import', '--dry-run'], FILE)).toContain('4 objects would change.');
  expect(control.state.count('tenant')).toBe(0);
  expect(await run(['import'], FILE)).toEqual([
    'put tenant acme (new)',
    'put site acme.north (new)',
    'put worker acme.north.m1 (new)',
    'put alert_channel chat (new)',
    '4 objects changed.',
  ]);
  const { sendsTo } = control.state.get('alert_channel', 'chat')!.body;
  if (sendsTo.type !== 'slack') throw new Error('no Slack');
  expect(sealer.open(sendsTo.sealedUrl, channelSecret('chat'))).toBe(SLACK);
});

it('takes the same file again without a change, and seals anew what is another secret or was sealed by an old key', async () => {
  await run(['import'], FILE);
  expect(await run(['import'], FILE)).toEqual(['0 objects changed.']);
  const other = JSON.stringify(FILE).replace('/T0/B0/x', '/T0/B0/y');
  expect(await run(['import'], other)).toEqual(['put alert_channel chat', '1 objects changed.']);
  const rotated = new Sealer([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
  expect(await run(['import'], other, control, rotated)).toEqual(['put alert_channel chat', '1 objects changed.']);
  expect(await run(['import'], other, control, rotated)).toEqual(['0 objects changed.']);
});

it('what it exports is the same pool elsewhere, and changes nothing where it came from', async () => {
  await run(['import'], FILE);
  const exported = (await run(['export'])).join('\n');
  expect(await run(['import'], exported)).toEqual(['0 objects changed.']);
  const elsewhere = await newControl();
  await run(['import'], exported, elsewhere);
  expect((await run(['export'], '', elsewhere)).join('\n')).toBe(exported);
});

it('says who changed what, and refuses what somebody else has changed meanwhile', async () => {
  await run(['import'], FILE);
  const worker = { standing: 'active', tags: ['hot'], expectedHashRateHs: 2e14 };
  await run(['put', 'worker', 'acme.north.m1', '--expect', '1'], worker);
  await expect(run(['put', 'worker', 'acme.north.m1', '--expect', '1'], { ...worker, tags: [] })).rejects.toThrow(
    'it has version 2, not 1. (conflict)',
  );
  expect(await run(['put', 'worker', 'acme.north.m1'], worker)).toEqual(['It is so already.']);
  const history = await run(['history', 'worker', 'acme.north.m1']);
  expect(history.map((line) => line.split('\t').slice(1))).toEqual([
    ['system configure by ann', '', JSON.stringify(worker)],
    ['system configure by ann', '', JSON.stringify(FILE.objects[1]!.body)],
  ]);
  expect((await run(['list', 'worker']))[0]).toMatch(/^acme\.north\.m1\tversion 2\t/);
  await expect(run(['remove', 'tenant', 'acme'])).rejects.toThrow('is still named by');
  await run(['remove', 'worker', 'acme.north.m1']);
  await expect(run(['get', 'worker', 'acme.north.m1'])).rejects.toThrow('there is no worker');
});

it.each([
  ['{', 'it is no JSON'],
  [{ objects: [] }, 'format'],
  [{ ...FILE, objects: [{ kind: 'session', id: 's', body: {} }] }, 'is no kind of object'],
  [{ ...FILE, objects: [{ kind: 'tenant', id: 'acme', body: { name: { seal: 'x' } } }] }, 'nothing that is sealed'],
])('names what is wrong with a file: %j', async (input, message) => {
  await expect(run(['import'], input)).rejects.toThrow(message);
});

it.each([
  ['put'],
  ['get', 'worker'],
  ['list', 'coin'],
  ['dance'],
  ['put', 'worker', 'a', 'b'],
  ['remove', 'worker', 'a', '--expect', 'x'],
])('refuses to guess what %s means', (...args) => expect(() => parseConfigure(args)).toThrow());

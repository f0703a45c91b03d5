// The receiver's side is what docs/alerts.md tells people to write: its snippets are run here as they stand there.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aMessage, HOSTILE, NOON_US } from '../testing/alerts.ts';
import { HttpReceiver, type Received } from '../testing/http-receiver.ts';
import { WebhookChannel } from './webhook.ts';

const SECRET = 'whsec-0123456789abcdef';
const OLD_SECRET = 'whsec-fedcba9876543210';
const never = new AbortController().signal;
const PYTHON = spawnSync('python3', ['--version']).status === 0;

let receiver: HttpReceiver;
let dir: string;
beforeAll(async () => {
  receiver = await HttpReceiver.start(() => ({ status: 204 }));
  dir = await mkdtemp(join(tmpdir(), 'assay-webhook-'));
  await writeFile(join(dir, 'verify.mjs'), `${snippet('js')}\n${NODE_MAIN}`);
  await writeFile(join(dir, 'verify.py'), `${snippet('python')}\n${PYTHON_MAIN}`);
});
beforeEach(() => {
  receiver.respond = () => ({ status: 204 });
});
afterAll(async () => {
  await receiver.close();
  await rm(dir, { recursive: true, force: true });
});

// What a receiver has around the snippet: the request's parts come in on standard input.
const NODE_MAIN = `
let input = '';
for await (const chunk of process.stdin) input += chunk;
const verdicts = JSON.parse(input).map(({ secret, headers, body, now }) =>
  verifyAssay(secret, headers, Buffer.from(body), now),
);
process.stdout.write(JSON.stringify(verdicts));
`;
const PYTHON_MAIN = `
import json, sys
verdicts = [verify_assay(each["secret"], each["headers"], each["body"].encode(), each["now"]) for each in json.load(sys.stdin)]
print(json.dumps(verdicts))
`;

function snippet(language: string): string {
  const docs = readFileSync(new URL('../../../../docs/alerts.md', import.meta.url), 'utf8');
  const code = new RegExp('```' + language + '\\n([\\s\\S]*?verify_?[aA]ssay[\\s\\S]*?)```').exec(docs)?.[1];
  expect(code).toBeDefined();
  return code!;
}

interface Case {
  readonly secret: string;
  readonly headers: object;
  readonly body: string;
  readonly now: number;
}

/** What the snippet says of each request. */
async function verdicts(program: string, cases: readonly Case[]): Promise<unknown> {
  const file = join(dir, program === 'node' ? 'verify.mjs' : 'verify.py');
  const child = spawn(program === 'node' ? process.execPath : program, [file]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.stdin.end(JSON.stringify(cases));
  await ended;
  return JSON.parse(output);
}

async function send(secrets: readonly string[]): Promise<Received> {
  const channel = new WebhookChannel(
    { url: receiver.url('/hooks/assay?a=1'), secrets },
    { allowPrivate: true, timeoutMs: 5000 },
    () => NOON_US,
  );
  const message = aMessage({ lines: [HOSTILE, 'Zürich'] });
  expect(await channel.send(message, never)).toEqual({ type: 'delivered' });
  return receiver.received.at(-1)!;
}

it('sends the message and what it was made of, with an id to tell duplicates by', async () => {
  const { path, headers, body } = await send([SECRET]);
  expect(path).toBe('/hooks/assay?a=1');
  expect(headers).toMatchObject({
    'assay-id': '5f3c0a6be1d24d0f9a4b7c8d9e0f1a2b',
    'assay-timestamp': String(NOON_US / 1_000_000),
    'content-type': 'application/json; charset=utf-8',
  });
  expect(JSON.parse(body)).toMatchObject({
    id: '5f3c0a6be1d24d0f9a4b7c8d9e0f1a2b',
    type: 'alert.firing',
    tenant: 'acme',
    lines: [HOSTILE, 'Zürich'],
    notifications: [{ alerts: [{ kind: 'rate_below_expected', subject: { worker: 'acme.north.r1.m1' } }] }],
  });
});

it.each(['node', ...(PYTHON ? ['python3'] : [])])('is verified by the documented snippet in %s', async (program) => {
  const now = NOON_US / 1_000_000;
  const { headers, body } = await send([SECRET]);
  const genuine: Case = { secret: SECRET, headers, body, now };
  const rotating = { ...genuine, ...(await send([SECRET, OLD_SECRET])) };
  const good: readonly Case[] = [
    genuine,
    rotating,
    { ...rotating, secret: OLD_SECRET },
    { ...genuine, now: now + 299 },
  ];
  const bad: readonly Case[] = [
    { ...genuine, secret: OLD_SECRET },
    { ...genuine, body: `${body} ` },
    { ...genuine, headers: { ...headers, 'assay-timestamp': String(now + 1) } },
    { ...genuine, headers: { ...headers, 'assay-timestamp': undefined } },
    // An old request that somebody kept.
    { ...genuine, now: now + 301 },
    ...['', 'v1=', 'v1=zz', 'v1=é', 'v2=00', undefined].map((forged) => ({
      ...genuine,
      headers: { ...headers, 'assay-signature': forged },
    })),
  ];
  expect(await verdicts(program, good)).toEqual(good.map(() => true));
  expect(await verdicts(program, bad)).toEqual(bad.map(() => false));
});

it('goes on trying until the receiver says that it wants no more', async () => {
  const channel = new WebhookChannel(
    { url: receiver.url('/'), secrets: [SECRET] },
    { allowPrivate: true, timeoutMs: 5000 },
    () => NOON_US,
  );
  receiver.respond = () => ({ status: 503, headers: { 'retry-after': '120' }, body: 'maintenance' });
  expect(await channel.send(aMessage(), never)).toEqual({
    type: 'retry',
    reason: 'the receiver answered 503 maintenance',
    afterMs: 120_000,
  });
  receiver.respond = () => ({ status: 302, headers: { location: 'http://127.0.0.1/' } });
  expect((await channel.send(aMessage(), never)).type).toBe('retry');
  receiver.respond = () => ({ status: 410 });
  expect((await channel.send(aMessage(), never)).type).toBe('refused');
});

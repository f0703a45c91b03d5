// Subscriptions over a real WebSocket.
import { connect, type Socket } from 'node:net';
import { createClient, type Client } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { applyLive, NOW_US } from './sample/sample-farm.ts';
import { SampleGateway } from './sample/sample-gateway.ts';

const HOUR_US = 3600e6;

let pool: SampleGateway;
let clients: Client[];

beforeEach(async () => {
  clients = [];
  pool = await SampleGateway.start({ maxSubscriptions: 3, maxWebSockets: 2 });
});

afterEach(async () => {
  for (const made of clients) await made.dispose();
  await pool.stop();
});

const wsUrl = () => `${pool.url.replace('http', 'ws')}/graphql`;

function client(): Client {
  const made = createClient({ url: wsUrl(), webSocketImpl: WebSocket, lazy: true, retryAttempts: 0 });
  clients.push(made);
  return made;
}

// Tests read messages of any shape; what they expect of them is written in the test.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Message = any;

/** Subscribes and collects messages. */
function subscribe(to: Client, query: string, variables: Record<string, unknown> = {}) {
  const messages: Message[] = [];
  const state: { error: unknown; complete: boolean } = { error: undefined, complete: false };
  const stop = to.subscribe(
    { query, variables },
    {
      next: (message) => void messages.push(message),
      error: (error) => void (state.error = error),
      complete: () => void (state.complete = true),
    },
  );
  return { messages, state, stop };
}

async function metric(name: string): Promise<number> {
  const text = await pool.registry.metrics();
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

/** The clock stands still in these tests; a change is shown once the picture of the fleet is newer than it. */
async function change(...samples: Parameters<typeof applyLive>[1]): Promise<void> {
  pool.clock.advance(1);
  await applyLive(pool.live, samples);
}

const CHANGED =
  'subscription ($filter: WorkerFilter) { workersChanged(filter: $filter, intervalMs: 250) { name status hashRate { hashRate } } }';

async function untilSubscribed(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await metric('assay_graphql_subscriptions')).toBe(count));
}

describe('workersChanged', () => {
  it('sends the workers that changed, filtered, each once however often it changed', async () => {
    const every = subscribe(client(), CHANGED);
    const acme = subscribe(client(), CHANGED, { filter: { tenant: 'acme' } });
    await untilSubscribed(2);
    await change({ worker: 'acme.a.m1', connectedSinceUs: NOW_US }, { worker: 'zeta.a.m1', connectedSinceUs: NOW_US });
    await change({ worker: 'acme.a.m1', connectedSinceUs: NOW_US, lastShareAtUs: NOW_US });
    const names = (messages: Message[]): string[] =>
      messages.flatMap(({ data }) => data.workersChanged.map(({ name }: { name: string }) => name)).sort();
    const advance = setInterval(() => pool.clock.advance(1), 100);
    await vi.waitFor(() => expect(new Set(names(every.messages))).toEqual(new Set(['acme.a.m1', 'zeta.a.m1'])), 5000);
    await vi.waitFor(() => expect(new Set(names(acme.messages))).toEqual(new Set(['acme.a.m1'])), 5000);
    clearInterval(advance);
    expect(every.messages.at(-1).data.workersChanged[0]).toMatchObject({
      status: 'ONLINE',
      hashRate: expect.any(Object) as object,
    });
  });

  it('tells of a worker that falls silent though nothing is received from it', async () => {
    await applyLive(pool.live, [{ worker: 'acme.a.m1', connectedSinceUs: NOW_US - HOUR_US, lastShareAtUs: NOW_US }]);
    const { messages } = subscribe(client(), CHANGED);
    await untilSubscribed(1);
    const advance = setInterval(() => pool.clock.advance(60), 50);
    await vi.waitFor(
      () => expect(messages.at(-1)?.data.workersChanged).toMatchObject([{ name: 'acme.a.m1', status: 'SILENT' }]),
      10_000,
    );
    clearInterval(advance);
  });

  it('sends at most 500 workers at a time and the others after', async () => {
    const { messages } = subscribe(client(), CHANGED);
    await untilSubscribed(1);
    await change(...Array.from({ length: 1200 }, (_, i) => ({ worker: `acme.a.m${i}`, connectedSinceUs: NOW_US })));
    const advance = setInterval(() => pool.clock.advance(1), 100);
    await vi.waitFor(() => {
      const sizes = messages.map(({ data }) => data.workersChanged.length as number);
      expect(Math.max(...sizes)).toBe(500);
      expect(
        new Set(messages.flatMap(({ data }) => data.workersChanged.map(({ name }: { name: string }) => name))).size,
      ).toBe(1200);
    }, 10_000);
    clearInterval(advance);
  });
});

describe('fleetChanged', () => {
  it('sends totals at once and again', async () => {
    const { messages } = subscribe(client(), 'subscription { fleetChanged(intervalMs: 1000) { workers online } }');
    await vi.waitFor(() => expect(messages).toHaveLength(1), 500);
    expect(messages[0].data).toEqual({ fleetChanged: { workers: 0, online: 0 } });
    await change({ worker: 'acme.a.m1', connectedSinceUs: NOW_US, lastShareAtUs: NOW_US });
    await vi.waitFor(() => expect(messages.at(-1).data).toEqual({ fleetChanged: { workers: 1, online: 1 } }), 5000);
  });
});

describe('bounds', () => {
  it('refuses an interval out of bounds, one operation too many, and what HTTP would refuse too', async () => {
    const one = client();
    const fast = subscribe(one, 'subscription { workersChanged(intervalMs: 10) { name } }');
    await vi.waitFor(() =>
      expect(fast.messages[0]?.errors[0]).toMatchObject({
        message: '`intervalMs` must be between 250 and 60000, got 10.',
        extensions: { code: 'BAD_USER_INPUT' },
      }),
    );

    const kept = [1, 2, 3].map(() => subscribe(one, CHANGED));
    await untilSubscribed(3);
    const fourth = subscribe(one, CHANGED);
    await vi.waitFor(() =>
      expect(fourth.state.error).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }]),
    );
    kept[0]!.stop();
    await untilSubscribed(2);
    const fifth = subscribe(one, CHANGED);
    await untilSubscribed(3);
    expect(fifth.state.error).toBeUndefined();
    for (const { stop } of [...kept, fifth]) stop();
    await untilSubscribed(0);

    const refused: [string, string][] = [
      ['{ workers {', 'GRAPHQL_PARSE_FAILED'],
      ['subscription { nonsense }', 'GRAPHQL_VALIDATION_FAILED'],
      ['query a { status { version } } query b { status { version } }', 'OPERATION_RESOLUTION_FAILURE'],
      [
        '{ workers(first: 1000) { nodes { series(range: { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" }) { points { at } } } } }',
        'QUERY_TOO_COMPLEX',
      ],
    ];
    for (const [query, code] of refused) {
      const { state } = subscribe(one, query);
      await vi.waitFor(() => expect(state.error, query).toMatchObject([{ extensions: { code } }]));
    }
  });

  it('answers queries too, with the same errors', async () => {
    const { messages, state } = subscribe(
      client(),
      '{ status { version newestShareAt } workers(first: 0) { totalCount } }',
    );
    await vi.waitFor(() => expect(state.complete).toBe(true));
    expect(messages[0].errors).toMatchObject([
      { path: ['workers'], extensions: { code: 'BAD_USER_INPUT', retriable: false } },
    ]);
    expect(await pool.registry.metrics()).toMatch(
      /assay_graphql_operations_total\{kind="query",transport="websocket",code="BAD_USER_INPUT"\} 1/,
    );
  });

  it('refuses connections beyond the bound, of other origins and to other paths', async () => {
    const first = subscribe(client(), CHANGED);
    const second = subscribe(client(), CHANGED);
    await untilSubscribed(2);
    expect(await handshakeStatus(wsUrl())).toBe(503);
    expect(await handshakeStatus(wsUrl().replace('/graphql', '/other'))).toBe(404);
    expect(await handshakeStatus(wsUrl(), 'http://evil.example')).toBe(403);
    first.stop();
    second.stop();
    for (const made of clients) await made.dispose();
    await vi.waitFor(async () => expect(await metric('assay_graphql_websockets')).toBe(0));
    expect(await handshakeStatus(wsUrl(), pool.url)).toBe(101);
  });

  it('closes a connection that sends too large a message', async () => {
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send('x'.repeat(200_000)));
    expect(await closed).toBe(1009);
  });

  it('keeps nothing of a client that went away without a word', async () => {
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => {
      if (String(data).includes('connection_ack'))
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } }));
    });
    const sub = subscribe(client(), CHANGED);
    await untilSubscribed(1);
    socket.terminate();
    clients[0]!.terminate();
    await untilSubscribed(0);
    await vi.waitFor(async () => expect(await metric('assay_graphql_websockets')).toBe(0));
    expect(sub.messages).toEqual([]);
  });

  it('holds back from a client that does not read: messages are merged, not queued', async () => {
    await applyLive(
      pool.live,
      Array.from({ length: 500 }, (_, i) => ({
        worker: `acme.a-site-with-a-long-name.rack-${i}.machine`,
        connectedSinceUs: NOW_US,
      })),
    );
    const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
    const raw = () => (socket as unknown as { _socket: Socket })._socket;
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    await new Promise((resolve) => socket.once('message', resolve));
    // Each message is some hundred kilobytes; a handful fills the buffers of both ends.
    const query =
      'subscription { workersChanged(intervalMs: 250) { name tenant site path userAgent firstSeen connectedSince difficulty hashRate { hashRate low high } } }';
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await untilSubscribed(1);
    raw().pause();
    const busy = setInterval(() => {
      pool.clock.advance(1);
      void applyLive(
        pool.live,
        Array.from({ length: 500 }, (_, i) => ({
          worker: `acme.a-site-with-a-long-name.rack-${i}.machine`,
          connectedSinceUs: NOW_US,
          lastShareAtUs: pool.clock.nowUs(),
        })),
      );
    }, 50);
    const sent = async (): Promise<number> =>
      Number(
        /subscription_messages_total\{subscription="workersChanged"\} (\d+)/.exec(await pool.registry.metrics())?.[1] ??
          0,
      );
    // Without holding back there would be four messages a second for ever; the count must come to rest while changes go on.
    let last = -1;
    let still = 0;
    await vi.waitFor(
      async () => {
        const now = await sent();
        still = now === last ? still + 1 : 0;
        last = now;
        expect(still).toBeGreaterThan(8);
      },
      { timeout: 25_000, interval: 250 },
    );
    clearInterval(busy);
    socket.terminate();
    await untilSubscribed(0);
  });

  it('ends subscriptions and closes connections when the service stops', async () => {
    const stopping = await SampleGateway.start();
    const socket = new WebSocket(`${stopping.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    await stopping.stop();
    expect(await closed).toBe(1001);
    await expect(fetch(stopping.url)).rejects.toThrow();
    await expect(
      new Promise((resolve, reject) =>
        connect(stopping.gateway.port, '127.0.0.1', () => resolve('open')).on('error', reject),
      ),
    ).rejects.toThrow(/ECONNREFUSED/);
  });
});

/** The status an upgrade is answered with. */
function handshakeStatus(url: string, origin?: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', origin === undefined ? {} : { origin });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
}

// Who is let in, over HTTP and WebSocket, by what the control log says at the moment.
import { createClient, type Client } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { ObjectChange } from '@assay/tenancy';
import { SampleGateway } from '../sample/sample-gateway.ts';
import { hashToken, newApiKey, newSessionToken } from './tokens.ts';

const TOOL = { kind: 'system', id: 'test' } as const;
const HOUR_US = 3600e6;

let pool: SampleGateway;
let sockets: (Client | WebSocket)[];

beforeEach(async () => {
  pool = await SampleGateway.start();
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) await (socket instanceof WebSocket ? socket.terminate() : socket.dispose());
  await pool.stop();
});

async function change(...changes: ObjectChange[]): Promise<void> {
  expect(await pool.control.change(TOOL, changes)).toMatchObject({ applied: true });
}

const putUser = (more: object = {}): ObjectChange => ({
  op: 'put',
  kind: 'user',
  id: 'ann',
  body: { email: 'ann@example.org', name: 'Ann', grants: [], disabled: false, ...more },
});

const putAdmin: ObjectChange = {
  op: 'put',
  kind: 'user',
  id: 'root',
  body: {
    email: 'root@example.org',
    name: 'Root',
    grants: [{ role: 'operator_admin', tenant: '*' }],
    disabled: false,
  },
};

function putSession(token: string, forUs = HOUR_US): ObjectChange {
  const createdAtUs = pool.clock.nowUs();
  return {
    op: 'put',
    kind: 'session',
    id: 's1',
    body: {
      user: 'ann',
      tokenHash: hashToken(token),
      createdAtUs,
      expiresAtUs: createdAtUs + forUs,
      method: 'password',
      remoteAddress: '127.0.0.1',
      userAgent: '',
    },
  };
}

function putKey({ id, token, shown }: ReturnType<typeof newApiKey>, more: object = {}): ObjectChange {
  const body = { name: 'a script', user: 'ann', grants: [], tokenHash: hashToken(token), shown, createdAtUs: 0 };
  return { op: 'put', kind: 'api_key', id, body: { ...body, ...more } };
}

const QUERY = JSON.stringify({ query: '{ status { version } }' });
const askWith = async (headers: Record<string, string>): Promise<number | string> => {
  const { status, errors } = await pool.post(QUERY, headers);
  return status === 200 ? 200 : `${status} ${errors?.[0]?.extensions.code}`;
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const REFUSED = '401 UNAUTHENTICATED';

describe('a request', () => {
  it('needs no login until the pool has its first user, and from that moment on it does', async () => {
    expect(await askWith({})).toBe(200);
    await change(putUser({ disabled: true }));
    expect(await askWith({})).toBe(REFUSED);
    for (const path of ['/healthz', '/readyz', '/metrics', '/'])
      expect((await fetch(pool.url + path)).status, path).not.toBe(401);
  });

  it('is let in by a session or key that is in force, and by nothing that looks like one', async () => {
    const session = newSessionToken();
    const key = newApiKey();
    await change(putUser(), putSession(session), putKey(key));
    expect(await askWith(bearer(session))).toBe(200);
    expect(await askWith(bearer(key.token))).toBe(200);
    const forged = [
      '',
      session.slice(0, -1),
      `${session}A`,
      session.replace(/.$/, session.endsWith('A') ? 'B' : 'A'),
      session.slice('session_'.length),
      hashToken(session),
      key.token.slice(0, -1),
      key.token.replace(/.$/, key.token.endsWith('A') ? 'B' : 'A'),
      key.shown,
      newSessionToken(),
      newApiKey().token,
      `${session} ${key.token}`,
      'x'.repeat(5000),
    ];
    for (const token of forged) expect(await askWith(bearer(token)), token).toBe(REFUSED);
    expect(await askWith({ authorization: `Basic ${session}` })).toBe(REFUSED);
    // A wrong key is not made good by a cookie.
    expect(await askWith({ ...bearer(key.shown), cookie: `assay_session=${session}` })).toBe(REFUSED);
  });

  it('counts the cookie only where the page is ours', async () => {
    const session = newSessionToken();
    await change(putUser(), putSession(session));
    const cookie = `theme=dark; assay_session=${session}`;
    expect(await askWith({ cookie })).toBe(200);
    expect(await askWith({ cookie, origin: pool.url })).toBe(200);
    expect(await askWith({ cookie, origin: 'https://evil.example' })).toBe(REFUSED);
    expect(await askWith({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(REFUSED);
    expect(await askWith({ cookie, 'content-type': 'text/plain' })).toBe('400 BAD_REQUEST');
    // Two cookies: the one that only TLS can have set is the one that counts.
    expect(await askWith({ cookie: `${cookie}; __Host-assay_session=${newSessionToken()}` })).toBe(REFUSED);
  });

  it('is refused once its session or key has expired, was revoked, or its user is disabled', async () => {
    const session = newSessionToken();
    const [brief, kept] = [newApiKey(), newApiKey()];
    await change(putAdmin, putUser(), putSession(session));
    await change(putKey(brief, { expiresAtUs: pool.clock.nowUs() + HOUR_US }), putKey(kept));
    pool.clock.advance(3599);
    expect([await askWith(bearer(session)), await askWith(bearer(brief.token))]).toEqual([200, 200]);
    pool.clock.advance(1);
    expect([await askWith(bearer(session)), await askWith(bearer(brief.token))]).toEqual([REFUSED, REFUSED]);
    await change(putUser({ disabled: true }));
    expect(await askWith(bearer(kept.token))).toBe(REFUSED);
    await change(putUser());
    expect(await askWith(bearer(kept.token))).toBe(200);
    await change({ op: 'remove', kind: 'api_key', id: kept.id });
    expect(await askWith(bearer(kept.token))).toBe(REFUSED);
  });
});

describe('a WebSocket', () => {
  const url = () => `${pool.url.replace('http', 'ws')}/graphql`;

  /** Opens a connection and subscribes on it; resolves with its close code. */
  function subscribed(token: string | undefined, headers: Record<string, string> = {}) {
    class Socket extends WebSocket {
      constructor(address: string, protocol: string) {
        super(address, protocol, { headers });
      }
    }
    let answered!: () => void;
    const first = new Promise<void>((resolve) => (answered = resolve));
    const closed = new Promise<number>((resolve) => {
      const client = createClient({
        url: url(),
        webSocketImpl: Socket,
        retryAttempts: 0,
        ...(token !== undefined && { connectionParams: { token } }),
        on: { closed: (event) => resolve((event as { code: number }).code) },
      });
      sockets.push(client);
      client.subscribe(
        { query: 'subscription { fleetChanged { workers } }' },
        { next: answered, error: () => undefined, complete: () => undefined },
      );
    });
    return { first, closed };
  }

  it('is let in by a token in its first message or by the cookie, and else closed with 4401', async () => {
    const session = newSessionToken();
    const key = newApiKey();
    await change(putUser(), putSession(session), putKey(key));
    await subscribed(key.token).first;
    await subscribed(session).first;
    await subscribed(undefined, { cookie: `assay_session=${session}` }).first;
    expect(await subscribed(undefined).closed).toBe(4401);
    expect(await subscribed(key.token.slice(0, -1)).closed).toBe(4401);
    expect(await subscribed(newSessionToken(), { cookie: `assay_session=${session}` }).closed).toBe(4401);
  });

  it.each<[string, (id: string) => Promise<void> | void]>([
    ['its session is revoked', () => change({ op: 'remove', kind: 'session', id: 's1' })],
    ['its session expires', () => pool.clock.advance(3600)],
    ['its user is disabled', () => change(putUser({ disabled: true }))],
    ['its user is removed', () => change({ op: 'remove', kind: 'user', id: 'ann' })],
  ])('ends within a second when %s', async (_what, end) => {
    const session = newSessionToken();
    await change(putAdmin, putUser(), putSession(session));
    const { first, closed } = subscribed(session);
    await first;
    const sinceMs = performance.now();
    await end('ann');
    expect(await closed).toBe(4401);
    expect(performance.now() - sinceMs).toBeLessThan(1000);
  });

  it('is closed for its client to come again when the rights of its user change, and not when other things do', async () => {
    const session = newSessionToken();
    await change(putAdmin, putUser(), putSession(session));
    const { first, closed } = subscribed(session);
    await first;
    let over = false;
    void closed.then(() => (over = true));
    await change(putUser({ name: 'Ann Other' }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    await change(putUser({ grants: [{ role: 'auditor', tenant: '*' }] }));
    expect(await closed).toBe(4205);
  });

  it('of an open pool ends when the pool gets its first user', async () => {
    const { first, closed } = subscribed(undefined);
    await first;
    await change(putUser());
    expect(await closed).toBe(4401);
  });

  it('is ended also when its client does not answer, and nothing it still says is acted on', async () => {
    const session = newSessionToken();
    await change(putAdmin, putUser(), putSession(session));
    const socket = new WebSocket(url(), 'graphql-transport-ws');
    sockets.push(socket);
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { token: session } })));
    await new Promise((resolve) => socket.once('message', resolve));
    (socket as unknown as { _socket: { pause(): void } })._socket.pause();
    await change({ op: 'remove', kind: 'session', id: 's1' });
    await vi.waitFor(async () => expect(await pool.registry.metrics()).toMatch(/^assay_graphql_websockets 0$/m));
  });
});

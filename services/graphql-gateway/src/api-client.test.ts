// The client that integrators and the dashboard use, on a real gateway.
import { type ApiError, AssayClient, graphql } from '@assay/api-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { hashToken, newApiKey } from './identity/tokens.ts';
import { COST_PER_MINUTE } from './operation/cost-budget.ts';
import { applyLive, NOW_US } from './sample/sample-farm.ts';
import { SampleGateway } from './sample/sample-gateway.ts';

const FLEET = graphql(`
  query Fleet($tenant: String!) {
    fleet(filter: { tenant: $tenant }) {
      workers
      online
      shares {
        accepted
      }
    }
  }
`);
const FLEET_CHANGED = graphql(`
  subscription FleetChanged {
    fleetChanged(intervalMs: 1000) {
      workers
    }
  }
`);

let pool: SampleGateway;
let client: AssayClient;

const connect = (token?: string): AssayClient =>
  new AssayClient({
    url: pool.url,
    ...(token !== undefined && { token }),
    socket: { webSocketImpl: WebSocket, retryAttempts: 0 },
  });

beforeEach(async () => {
  pool = await SampleGateway.start();
  await applyLive(pool.live, [
    { worker: 'acme.north.r1.m1', connectedSinceUs: NOW_US - 3600e6, lastShareAtUs: NOW_US, work: 1 },
  ]);
  client = connect();
});

afterEach(async () => {
  await client.close();
  await pool.stop();
});

/** From here on nobody is let in without a key: there is a user. */
async function putUserWithKey(): Promise<string> {
  const { id, token, shown } = newApiKey();
  const grants = [{ role: 'operator_admin', tenant: '*' }];
  const outcome = await pool.control.change({ kind: 'system', id: 'test' }, [
    { op: 'put', kind: 'user', id: 'ann', body: { email: 'ann@example.org', name: 'Ann', grants, disabled: false } },
    {
      op: 'put',
      kind: 'api_key',
      id,
      body: { name: 'test', user: 'ann', grants: [], tokenHash: hashToken(token), shown, createdAtUs: 1 },
    },
  ]);
  expect(outcome.applied).toBe(true);
  return token;
}

describe('AssayClient', () => {
  it('answers with the types of the schema, and says why what is missing is missing', async () => {
    const { data, partial } = await client.request(FLEET, { tenant: 'acme' });
    const { workers, online, shares } = data.fleet;
    expect([workers > 0, online <= workers, shares]).toEqual([true, true, null]);
    expect(partial).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
    // @ts-expect-error: the schema has no such field, and the variable is a string.
    void (async () => (await client.request(FLEET, { tenant: 1 })).data.fleet.coins);
  });

  it('tells apart a wrong question, a pool that is gone and an answer that is none', async () => {
    const broken = graphql(`
      query Fleet($tenant: String!) {
        fleet(filter: { tenant: $tenant }) {
          workers
        }
      }
    `);
    await expect(client.request(broken, {} as { tenant: string })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await pool.gateway.stop();
    await expect(client.request(FLEET, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retriable: true,
    });
    const aborted = new AbortController();
    aborted.abort(new Error('not wanted any more'));
    await expect(client.request(FLEET, { tenant: 'acme' }, { signal: aborted.signal })).rejects.toThrow(
      'not wanted any more',
    );
  });

  it('sends the text of a document once when it may name it by its hash', async () => {
    const bodies: string[] = [];
    const send = globalThis.fetch;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => (bodies.push(String(init.body)), send(url, init)));
    try {
      const sparing = new AssayClient({ url: pool.url, persisted: true });
      for (let i = 0; i < 3; i++) expect((await sparing.request(FLEET, { tenant: 'acme' })).data.fleet.workers).toBe(1);
      expect(bodies.map((body) => body.includes('workers'))).toEqual([false, true, false, false]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('is told when it asks for more than its role may', async () => {
    await pool.stop();
    pool = await SampleGateway.start({ costPerMinute: { ...COST_PER_MINUTE, operator_admin: 60_001 } });
    client = connect();
    const large = graphql(`
      query Large {
        workers(first: 1000) {
          nodes {
            name
            userAgent
            hashRate {
              hashRate
              low
              high
            }
          }
        }
      }
    `);
    let answered = 0;
    const ask = async (): Promise<void> => {
      for (; answered < 100; answered++) await client.request(large, {});
    };
    await expect(ask()).rejects.toMatchObject({ code: 'COST_LIMIT', retriable: true });
    expect(answered).toBeGreaterThan(5);
    const { status, headers } = await fetch(`${pool.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ workers(first: 1000) { nodes { name path userAgent } } }' }),
    });
    expect([status, headers.get('cache-control')]).toEqual([429, 'no-store']);
    const { extensions } = (await (
      await fetch(`${pool.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ status { version } }' }),
      })
    ).json()) as { extensions: { cost: { cost: number; perMinute: number } } };
    expect(extensions.cost).toMatchObject({ cost: 1, perMinute: 60_001 });
  });

  it('is let in with its key, over HTTP and for subscriptions, and not without', async () => {
    const token = await putUserWithKey();
    await expect(client.request(FLEET, { tenant: 'acme' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const errors: ApiError[] = [];
    client.subscribe(FLEET_CHANGED, {}, { onData: () => undefined, onError: (error) => errors.push(error) });
    await vi.waitFor(() => expect(errors[0]?.code).toBe('UNREACHABLE'));

    const keyed = connect(token);
    try {
      expect((await keyed.request(FLEET, { tenant: 'acme' })).data.fleet.workers).toBeGreaterThan(0);
      const seen: number[] = [];
      const stop = keyed.subscribe(
        FLEET_CHANGED,
        {},
        { onData: ({ fleetChanged }) => seen.push(fleetChanged.workers), onError: (error) => errors.push(error) },
      );
      await vi.waitFor(() => expect(seen[0]).toBeGreaterThan(0));
      stop();
    } finally {
      await keyed.close();
    }
  });
});

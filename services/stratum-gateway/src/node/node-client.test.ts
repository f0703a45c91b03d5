import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeClient, NodeError } from './node-client.ts';

let server: Server | undefined;
let client: NodeClient | undefined;

afterEach(async () => {
  client?.close();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function listen(listener: RequestListener, port = 0): Promise<number> {
  server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A client of a server that answers every call in one way. */
async function clientOf(listener: RequestListener, login = 'us%40er:hush', cookieFile?: string): Promise<NodeClient> {
  const port = await listen(listener);
  client = new NodeClient({ url: `http://${login === '' ? '' : `${login}@`}127.0.0.1:${port}`, cookieFile });
  return client;
}

const answering =
  (status: number, body: string): RequestListener =>
  (request, response) =>
    void request.resume().on('end', () => response.writeHead(status).end(body));

async function failureOf(promise: Promise<unknown>): Promise<NodeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NodeError);
  return error as NodeError;
}

describe('a call', () => {
  it('goes out with user and password, and its result comes back', async () => {
    const seen: unknown[] = [];
    const one = await clientOf((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, params } = JSON.parse(body) as { method: string; params: unknown };
        seen.push(request.method, request.headers.authorization, method, params);
        response.end('{"result":{"a":1},"error":null}');
      });
    });
    expect(await one.call('getsomething', [1, 'x'], { timeoutMs: 5000 })).toEqual({ a: 1 });
    expect(seen).toEqual(['POST', `Basic ${Buffer.from('us@er:hush').toString('base64')}`, 'getsomething', [1, 'x']]);
    expect(one.endpoint).not.toContain('hush');
  });

  it.each<[string, number, string, string, boolean]>([
    ['an error of the node', 500, '{"result":null,"error":{"code":-8,"message":"segwit\\nrule"}}', 'refused', false],
    ['one of a newer node, with status 200', 200, '{"error":{"code":-1,"message":"no"}}', 'refused', false],
    ['one while it starts', 500, '{"error":{"code":-28,"message":"Loading block index"}}', 'not_ready', true],
    ['too much to do', 503, 'Work queue depth exceeded', 'not_ready', true],
    ['a wrong password', 401, '', 'unauthorized', false],
    ['a wrong address', 403, '', 'unauthorized', false],
    ['a page', 200, '<html>', 'bad_answer', false],
    ['a number', 200, '7', 'bad_answer', false],
  ])('%s is known by its code', async (_what, status, body, code, retriable) => {
    const one = await clientOf(answering(status, body));
    const error = await failureOf(one.call('m', [], { timeoutMs: 5000 }));
    expect({ code: error.code, retriable: error.retriable }).toEqual({ code, retriable });
    expect(error.message).toContain(one.endpoint);
    expect(error.message).not.toMatch(/hush|\n/);
  });

  it('tells what was surely not taken from what may have been', async () => {
    const silent = await clientOf(() => undefined);
    expect(await failureOf(silent.call('m', [], { timeoutMs: 50 }))).toMatchObject({
      code: 'unanswered',
      message: `${silent.endpoint}: no answer within 0.05 s`,
    });
    const stopped = failureOf(silent.call('m', [], { timeoutMs: 5000, signal: AbortSignal.timeout(20) }));
    expect((await stopped).code).toBe('unanswered');
    const lost = failureOf(silent.call('m', [], { timeoutMs: 5000 }));
    await once(server!, 'request');
    server!.closeAllConnections();
    expect((await lost).code).toBe('unanswered');
    server!.close();
    await once(server!, 'close');
    expect(await failureOf(silent.call('m', [], { timeoutMs: 5000 }))).toMatchObject({ code: 'unreachable' });
  });

  it('is made once more where a connection that was idle had been closed', async () => {
    const one = await clientOf(answering(200, '{"result":1}'));
    expect(await one.call('m', [], { timeoutMs: 5000 })).toBe(1);
    // The server hangs up without a word, as one whose patience with the idle connection ends just now.
    let hangUps = 0;
    server!.removeAllListeners('request');
    server!.on('request', (request, response) => {
      if (hangUps++ === 0) request.socket.resetAndDestroy();
      else answering(200, '{"result":2}')(request, response);
    });
    expect(await one.call('m', [], { timeoutMs: 5000 })).toBe(2);
    expect(hangUps).toBe(2);
  });

  it('whose answer never ends is given up at a bound', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const one = await clientOf((_request, response) => {
      const more = (): void => void (response.destroyed || response.write(chunk, more));
      more();
    });
    const error = await failureOf(one.call('m', [], { timeoutMs: 20_000 }));
    expect(error.code).toBe('bad_answer');
    expect(error.message).toContain('more than 67108864 bytes');
  });
});

describe('a cookie file', () => {
  it('is read again when the node was started again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'assay-cookie-'));
    try {
      const cookieFile = join(dir, '.cookie');
      let valid = '__cookie__:one';
      await writeFile(cookieFile, valid);
      const one = await clientOf(
        (request, response) => {
          const known = request.headers.authorization === `Basic ${Buffer.from(valid).toString('base64')}`;
          answering(known ? 200 : 401, known ? '{"result":true}' : '')(request, response);
        },
        '',
        cookieFile,
      );
      expect(await one.call('m', [], { timeoutMs: 5000 })).toBe(true);
      valid = '__cookie__:two';
      await writeFile(cookieFile, `${valid}\n`);
      expect(await one.call('m', [], { timeoutMs: 5000 })).toBe(true);
      await rm(cookieFile);
      valid = '__cookie__:three';
      expect(await failureOf(one.call('m', [], { timeoutMs: 5000 }))).toMatchObject({ code: 'unauthorized' });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

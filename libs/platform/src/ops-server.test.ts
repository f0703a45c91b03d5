import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOpsServer, type OpsServer } from './ops-server.ts';
import { readyReport, type ReadyReport } from './running-service.ts';

describe('ops server', () => {
  let readiness: () => Promise<ReadyReport>;
  let server: OpsServer;
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

  beforeEach(async () => {
    readiness = async () => readyReport({ kafka: 'ok' });
    server = await startOpsServer('127.0.0.1', 0, { readiness: () => readiness(), metricsText: async () => 'up 1\n' });
  });
  afterEach(() => server.close());

  it('says that the process lives and what it counts', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ alive: true });
    const metrics = await get('/metrics?name=up');
    expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
    expect(await metrics.text()).toBe('up 1\n');
  });

  it('says whether the service is ready, and why not', async () => {
    expect((await get('/readyz')).status).toBe(200);
    readiness = async () => readyReport({ kafka: 'nobody answers' });
    const away = await get('/readyz');
    expect([away.status, await away.json()]).toEqual([503, { ready: false, checks: { kafka: 'nobody answers' } }]);
    readiness = () => Promise.reject(new Error('a check broke'));
    const broken = await get('/readyz');
    expect([broken.status, await broken.text()]).toEqual([503, expect.stringContaining('a check broke')]);
  });

  it('answers nothing else', async () => {
    expect((await get('/elsewhere')).status).toBe(404);
    expect((await get('/readyz', 'POST')).status).toBe(405);
    expect(await (await get('/healthz', 'HEAD')).text()).toBe('');
  });

  it('refuses a port that is taken', async () => {
    const ports = { readiness, metricsText: async () => '' };
    await expect(startOpsServer('127.0.0.1', server.port, ports)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

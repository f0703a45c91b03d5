// What a collector gets, and that one which is away, slow or refuses disturbs nobody.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from './logger.ts';
import { createOtlpTracer, type OtlpLimits } from './otlp-tracer.ts';
import { SettingsError } from './settings.ts';
import { startTracer } from './start-tracer.ts';
import { noTracer, traceOf, type Tracer } from './trace.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
}

const servers: Server[] = [];
const tracers: Tracer[] = [];
afterEach(async () => {
  await Promise.all(tracers.splice(0).map((tracer) => tracer.stop()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A collector that keeps what it gets, and answers if it is to. */
async function collector(answers = true): Promise<{ url: string; spans: Span[]; requests: () => number }> {
  const spans: Span[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (!answers) return;
      const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
      for (const { scopeSpans } of sent.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/traces`, spans, requests: () => requests };
}

function tracerTo(url: string, sample = 1, limits: Partial<OtlpLimits> = {}): { tracer: Tracer; registry: Registry } {
  const registry = new Registry();
  const options = { url, sample, service: 'test', version: '1', logger: silentLogger, registry };
  const tracer = createOtlpTracer({ ...options, limits: { lingerMs: 10, timeoutMs: 300, ...limits } });
  tracers.push(tracer);
  return { tracer, registry };
}

const outcomes = async (registry: Registry): Promise<Record<string, number>> => {
  const page = await registry.metrics();
  const found = [...page.matchAll(/assay_trace_spans_total\{service="test",outcome="(\w+)"\} (\d+)/g)];
  return Object.fromEntries(found.map(([, outcome, count]) => [outcome, Number(count)]));
};

describe('traces to a collector', () => {
  it('arrive with their times, their parents, their links and how they ended', async () => {
    const { url, spans } = await collector();
    const { tracer } = tracerTo(url);
    const [one, other] = [tracer.sample('one', 1_700_000_000_000_000)!, tracer.sample('other')!];
    one.child('inner').end(new Error('it broke'));
    const header = { traceparent: one.parent as string };
    const batch = tracer.follow('batch', [traceOf(header)!, other.parent])!;
    for (const span of [batch, one, other]) span.end();
    await vi.waitFor(() => expect(spans).toHaveLength(4), { timeout: 10_000 });

    const named = (name: string): Span => spans.find((span) => span.name === name)!;
    expect(named('one').startTimeUnixNano).toBe('1700000000000000000');
    expect(BigInt(named('other').endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(named('other').startTimeUnixNano));
    expect(named('inner')).toMatchObject({ traceId: named('one').traceId, parentSpanId: named('one').spanId, status: { code: 2, message: 'it broke' } }); // prettier-ignore
    expect(named('batch')).toMatchObject({ traceId: named('one').traceId, parentSpanId: named('one').spanId });
    expect(named('batch').links!.map(({ traceId, spanId }) => ({ traceId, spanId }))).toEqual(
      ['one', 'other'].map((name) => ({ traceId: named(name).traceId, spanId: named(name).spanId })),
    );
    expect(named('other').traceId).not.toBe(named('one').traceId);
  });

  it('are begun for the share of blocks that is asked for', async () => {
    const { url } = await collector();
    const { tracer } = tracerTo(url, 0.25, { queuedSpans: 1, spansPerRequest: 1 });
    const sampled = Array.from({ length: 4_000 }, () => tracer.sample('x')).filter((span) => span !== undefined).length;
    // Five standard deviations either way.
    expect(sampled).toBeGreaterThan(1_000 - 137);
    expect(sampled).toBeLessThan(1_000 + 137);
    const { tracer: off } = tracerTo(url, 0);
    expect(Array.from({ length: 100 }, () => off.sample('x')).every((span) => span === undefined)).toBe(true);
    expect(off.follow('x', [])).toBeUndefined();
  });

  it('are dropped without a word to anyone when nobody listens', async () => {
    const { url } = await collector();
    servers.splice(0).forEach((server) => server.close());
    const { tracer, registry } = tracerTo(url);
    for (let i = 0; i < 100; i++) tracer.sample('lost')!.end();
    await vi.waitFor(async () => expect((await outcomes(registry))['failed']).toBeGreaterThan(0), { timeout: 10_000 });
    await tracer.stop();
  });

  it('wait in a bounded queue while the collector hangs, and hold up no stop', async () => {
    const { url, requests } = await collector(false);
    const { tracer, registry } = tracerTo(url, 1, { queuedSpans: 64, spansPerRequest: 16, timeoutMs: 200 });
    for (let i = 0; i < 10_000; i++) tracer.sample('slow')!.end();
    await vi.waitFor(async () => expect((await outcomes(registry))['failed']).toBeGreaterThan(0), { timeout: 10_000 });
    const beganMs = performance.now();
    await tracer.stop();
    expect(performance.now() - beganMs).toBeLessThan(4_000);
    const { failed = 0, exported = 0 } = await outcomes(registry);
    expect(exported).toBe(0);
    // The queue, what was under way, and what came while it was emptied: of ten thousand, all others were dropped.
    expect(failed).toBeLessThan(500);
    expect(requests()).toBeLessThan(50);
  });
});

describe('the tracer of the settings', () => {
  const ports = { service: 'test', logger: silentLogger, registry: new Registry() };

  it('does nothing without a collector, and is refused when it should sample', async () => {
    expect(await startTracer({ otlpUrl: '', traceSample: 0 }, ports)).toBe(noTracer);
    await expect(startTracer({ otlpUrl: '', traceSample: 0.1 }, ports)).rejects.toThrow(SettingsError);
  });

  it('adds the path that collectors listen on where none is given', async () => {
    const { url, spans } = await collector();
    const tracer = await startTracer({ otlpUrl: new URL(url).origin, traceSample: 1 }, ports);
    tracer.sample('x')!.end();
    await tracer.stop();
    expect(spans.map(({ name }) => name)).toEqual(['x']);
  });
});

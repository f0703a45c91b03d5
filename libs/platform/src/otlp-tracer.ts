// Spans by OpenTelemetry's SDK, sent by OTLP over HTTP. A collector that is away, slow or refuses costs spans, never anything else: what
// waits is bounded, what is beyond is dropped, and nobody waits for it. Loaded only when there is a collector to send to.
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import type { Span, SpanAttributes, TraceParent, Tracer } from './trace.ts';

export interface OtlpTracerOptions {
  /** Where the collector takes traces, e.g. `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly service: string;
  readonly version: string;
  /** Share of blocks that are sampled, 0 to 1. */
  readonly sample: number;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly limits?: Partial<OtlpLimits>;
}

export interface OtlpLimits {
  /** Spans that wait to be sent; more are dropped. */
  readonly queuedSpans: number;
  readonly spansPerRequest: number;
  readonly lingerMs: number;
  readonly timeoutMs: number;
}

const LIMITS: OtlpLimits = { queuedSpans: 2048, spansPerRequest: 256, lingerMs: 2_000, timeoutMs: 5_000 };
/** Links of one span; a batch may hold more blocks that were sampled. */
const MAX_LINKS = 32;
/** Requests that may hang at once on a collector that does not answer. */
const MAX_REQUESTS = 2;
const STOP_PATIENCE_MS = 3_000;
const MAX_ATTRIBUTE_LENGTH = 256;

export function createOtlpTracer(options: OtlpTracerOptions): Tracer {
  const limits = { ...LIMITS, ...options.limits };
  const { sample, service, version } = options;
  const exporter = new OTLPTraceExporter({
    url: options.url,
    timeoutMillis: limits.timeoutMs,
    concurrencyLimit: MAX_REQUESTS,
  });
  const provider = new TracerProvider({
    // Whether to sample was decided where the block was made.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.namespace': 'assay',
      'service.name': service,
      'service.version': version,
    }),
    spanLimits: { linkCountLimit: MAX_LINKS, attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(exporter, options),
        maxQueueSize: limits.queuedSpans,
        maxExportBatchSize: limits.spansPerRequest,
        scheduledDelayMillis: limits.lingerMs,
        exportTimeoutMillis: limits.timeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('assay');
  return {
    sample: (name, beganUs) =>
      sample > 0 && Math.random() < sample ? new RecordedSpan(tracer, name, ROOT_CONTEXT, beganUs) : undefined,
    follow: (name, parents) => {
      const [first] = parents;
      if (first === undefined) return undefined;
      const links = parents.slice(0, MAX_LINKS).map((parent) => ({ context: contextOf(parent) }));
      return new RecordedSpan(tracer, name, trace.setSpanContext(ROOT_CONTEXT, contextOf(first)), undefined, links);
    },
    stop: async () => {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_PATIENCE_MS)));
      await Promise.race([provider.shutdown().catch(() => undefined), patience]);
      clearTimeout(timer);
    },
  };
}

class RecordedSpan implements Span {
  readonly #tracer: OtelTracer;
  readonly #span: OtelSpan;

  constructor(
    tracer: OtelTracer,
    name: string,
    context: Context,
    beganUs?: number,
    links: { context: SpanContext }[] = [],
  ) {
    this.#tracer = tracer;
    const startTime = beganUs === undefined ? nowMs() : beganUs / 1000;
    this.#span = tracer.startSpan(name, { links, startTime }, context);
  }

  get parent(): TraceParent {
    const { traceId, spanId } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-01` as TraceParent;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  child(name: string, beganUs?: number): Span {
    return new RecordedSpan(this.#tracer, name, trace.setSpan(ROOT_CONTEXT, this.#span), beganUs);
  }

  end(error?: unknown): void {
    if (error !== undefined)
      this.#span.setStatus({
        code: SpanStatusCode.ERROR,
        message: error instanceof Error ? error.message : String(error),
      });
    this.#span.end(nowMs());
  }
}

/** To the microsecond, and of one clock for beginnings and ends. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function contextOf(parent: TraceParent): SpanContext {
  const [, traceId, spanId] = parent.split('-') as [string, string, string, string];
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Counts what comes of spans, and says once that they do not get through, and once that they do again. */
function watched(exporter: SpanExporter, { logger, registry, service, url }: OtlpTracerOptions): SpanExporter {
  const spans = new Counter({
    name: 'assay_trace_spans_total',
    help: 'Spans by what came of them: exported, or failed to be. What waited beyond the bound is in neither.',
    labelNames: ['service', 'outcome'],
    registers: [registry],
  });
  let failing = false;
  return {
    export: (batch, done) =>
      exporter.export(batch, (result) => {
        const failed = result.error !== undefined || result.code !== 0;
        spans.inc({ service, outcome: failed ? 'failed' : 'exported' }, batch.length);
        if (failed && !failing) logger.warn({ err: result.error, url }, 'traces do not get through to the collector');
        if (!failed && failing) logger.warn({ url }, 'traces get through to the collector again');
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush ? { forceFlush: () => exporter.forceFlush!() } : {}),
  };
}

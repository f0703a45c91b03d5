// Traces that follow a share block from the gateway to ClickHouse: what the services see of them. One block in many is sampled where it
// is made; its trace travels in the record's header `traceparent` (W3C Trace Context), and whoever takes the record on goes on with it.
// Off, which is the default, none of this does anything, and no header is written. Nothing here happens per share, ever.

export const TRACE_HEADER = 'traceparent';

/** A well-formed traceparent of a sampled span. */
export type TraceParent = string & { readonly __brand: 'traceparent' };

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** What goes into the header of what is sent on from here. */
  readonly parent: TraceParent;
  set(attributes: SpanAttributes): void;
  /** A span within this one. @param beganUs microseconds since 1970; now when left out */
  child(name: string, beganUs?: number): Span;
  /** @param error why what the span stands for failed, if it did */
  end(error?: unknown): void;
}

export interface Tracer {
  /** A span that begins a trace, for as many blocks as ASSAY_TRACE_SAMPLE says; undefined for the others. */
  sample(name: string, beganUs?: number): Span | undefined;
  /** A span that goes on where `parents` come from: within the first, and linked to each. Undefined when there is none. */
  follow(name: string, parents: readonly TraceParent[]): Span | undefined;
  /** Sends what is waiting to be sent, for some seconds at most. */
  stop(): Promise<void>;
}

/** Traces nothing. */
export const noTracer: Tracer = {
  sample: () => undefined,
  follow: () => undefined,
  stop: async () => undefined,
};

/** Version 00, ids that are not all zeros, and the flag that says sampled. Whatever else a header holds is as if it were not there. */
const SAMPLED = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f][13579bdf]$/;

/** The trace a record belongs to, if it was sampled. Anyone who can write to the log can write a header: it is trusted with nothing. */
export function traceOf(headers: Readonly<Record<string, string>> | undefined): TraceParent | undefined {
  const header = headers?.[TRACE_HEADER];
  return header !== undefined && header.length === 55 && SAMPLED.test(header) ? (header as TraceParent) : undefined;
}

/** The header for a record that goes on with a trace; none without one. */
export function traceHeader(parent: TraceParent | undefined): Readonly<Record<string, string>> {
  return parent === undefined ? {} : { [TRACE_HEADER]: parent };
}

/** Runs the work within the spans there are, and ends them with the work's own end. */
export async function inSpans<T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> {
  if (spans.length === 0) return work();
  try {
    const result = await work();
    for (const span of spans) span.end();
    return result;
  } catch (error) {
    for (const span of spans) span.end(error);
    throw error;
  }
}

/** The same for one span, which may be none. */
export function inSpan<T>(span: Span | undefined, work: () => Promise<T>): Promise<T> {
  return inSpans(span === undefined ? [] : [span], work);
}

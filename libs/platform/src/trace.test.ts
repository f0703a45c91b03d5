import { describe, expect, it } from 'vitest';
import { inSpan, noTracer, traceHeader, traceOf, type Span } from './trace.ts';

const GOOD = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('trace header', () => {
  it('is taken as it is when it is well formed and sampled', () => {
    expect(traceOf({ traceparent: GOOD })).toBe(GOOD);
    expect(traceHeader(traceOf({ traceparent: GOOD }))).toEqual({ traceparent: GOOD });
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['not sampled', GOOD.replace(/01$/, '00')],
    ['of another version', GOOD.replace(/^00/, 'ff')],
    ['of no trace', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['of no span', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['in capitals', GOOD.toUpperCase()],
    ['too long', `${GOOD}-and-more`],
    ['huge', 'x'.repeat(1_000_000)],
    ['a line and more', `${GOOD.slice(0, 54)}\n`],
    ['something else', '<script>alert(1)</script>'],
  ])('is as if not there when it is %s', (_, header) => {
    expect(traceOf(header === undefined ? undefined : { traceparent: header })).toBeUndefined();
    expect(traceHeader(undefined)).toEqual({});
  });
});

describe('a span around work', () => {
  it('ends as the work does, and is nothing when there is none', async () => {
    const ends: unknown[] = [];
    const span = { end: (error?: unknown) => ends.push(error) } as unknown as Span;
    await expect(inSpan(span, async () => 7)).resolves.toBe(7);
    const failure = new Error('broke');
    await expect(inSpan(span, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(ends).toEqual([undefined, failure]);
    await expect(inSpan(noTracer.sample('x'), async () => 8)).resolves.toBe(8);
  });
});

// The fast path and the general path must read the same share wherever the fast path reads one at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalShare } from './canonical-share.ts';
import { parseMessage, submitFromRequest } from './message-codec.ts';
import { SubmitLine, scanSubmit } from './submit-line.ts';

interface Read {
  readonly id: string;
  readonly worker: string;
  readonly wellFormed: boolean;
  readonly share: unknown;
}

function fields(line: SubmitLine, complete: boolean): Read {
  const share = new CanonicalShare(4);
  const wellFormed = complete && share.read(line);
  const text = (start: number, end: number): string => Buffer.from(line.bytes.subarray(start, end)).toString('latin1');
  const { ntime, nonce, versionBits, hasVersionBits, jobId, extranonce2 } = share;
  return {
    id: text(line.idStart, line.idEnd),
    worker: text(line.workerStart, line.workerEnd),
    wellFormed,
    share: wellFormed ? { ntime, nonce, versionBits, hasVersionBits, jobId, extranonce2: [...extranonce2] } : undefined,
  };
}

function fast(bytes: Uint8Array, start: number, end: number): Read | undefined {
  const line = new SubmitLine();
  return scanSubmit(bytes, start, end, line) ? fields(line, true) : undefined;
}

function general(bytes: Uint8Array, start: number, end: number): Read | undefined {
  const message = parseMessage(bytes, start, end);
  if (message.kind !== 'request' || message.method !== 'mining.submit') return undefined;
  const line = new SubmitLine();
  return fields(line, submitFromRequest(message, line));
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: length, maxLength: length });
const plain = fc.oneof(
  { weight: 3, arbitrary: hex(8) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }).chain(hex) },
);
const odd = fc.oneof(fc.string({ maxLength: 10 }), fc.constant(null), fc.integer());
const value = fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: odd });
const params = fc.oneof(
  { weight: 4, arbitrary: fc.array(value, { minLength: 5, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(value, { maxLength: 7 }) },
);
const id = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(fc.nat(), fc.constantFrom(null, 0, 'auth')) },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom(-1, '', 1.5, 1e21, true, [], {}), fc.string({ maxLength: 6 })) },
);
const space = fc.constantFrom('', '', ' ', '\t', '  ');

/** The message as some miner would write it: its keys in any order (sometimes twice, or not all), with any spaces. */
const submit = fc
  .record({
    id,
    params,
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant('mining.submit') },
      { weight: 1, arbitrary: fc.constantFrom('mining.submi', 'mining.submit2', '') },
    ),
    order: fc.oneof(
      { weight: 5, arbitrary: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }) },
      { weight: 1, arbitrary: fc.array(fc.nat(3), { maxLength: 5 }) },
    ),
    space,
  })
  .map(({ id: i, params: p, method, order, space: s }) => {
    const keys = [
      `"id":${s}${JSON.stringify(i)}`,
      `"method"${s}:"${method}"`,
      `"params":${s}[${p.map((one) => s + JSON.stringify(one)).join(',')}${s}]`,
      '"jsonrpc":"2.0"',
    ];
    return `${s}{${s}${order.map((index) => keys[index]!).join(`${s},${s}`)}${s}}${s}`;
  });

describe('the fast path', () => {
  it('reads what the general path reads', () => {
    let taken = 0;
    fc.assert(
      fc.property(submit, fc.nat(20), fc.nat(20), (text, before, after) => {
        // Other bytes around it, as in a buffer that is used again.
        const bytes = Buffer.from(`${'"'.repeat(before)}${text}${'}'.repeat(after)}`);
        const start = before;
        const end = bytes.length - after;
        const read = fast(bytes, start, end);
        if (read === undefined) return;
        taken++;
        expect(read).toEqual(general(bytes, start, end));
      }),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('never takes a line that is no JSON, whatever byte of it is changed, added or lost', () => {
    const line =
      '{"params": ["acme.n.m1", "00000100", "00aabbcc", "65a1b2c3", "0a0b0c0d", "00c00000"], "id": 4, "method": "mining.submit"}';
    fc.assert(
      fc.property(
        fc.nat(line.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom('change', 'add', 'lose'),
        (at, byte, how) => {
          const middle = how === 'lose' ? [] : [byte];
          const bytes = Buffer.concat([
            Buffer.from(line.slice(0, at)),
            Buffer.from(middle),
            Buffer.from(line.slice(how === 'add' ? at : at + 1)),
          ]);
          const read = fast(bytes, 0, bytes.length);
          if (read !== undefined) expect(read).toEqual(general(bytes, 0, bytes.length));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes what miners usually send', () => {
    for (const text of [
      '{"params": ["acme.n.m1", "00000100", "00aabbcc", "65a1b2c3", "0a0b0c0d"], "id": 4, "method": "mining.submit"}',
      '{"method": "mining.submit", "params": ["acme.n.m1", "00000100", "00aabbcc", "65a1b2c3", "0a0b0c0d"], "id":4}',
      '{"id":"7","method":"mining.submit","params":["acme.n.m1","00000100","00aabbcc","65a1b2c3","2F1","00c00000"]}',
      '{"id":null,"method":"mining.submit","params":["acme.n.m1","00000100","00aabbcc","65a1b2c3","2f1"]}',
    ]) {
      const bytes = Buffer.from(text);
      expect(fast(bytes, 0, bytes.length), text).toEqual(general(bytes, 0, bytes.length));
      expect(fast(bytes, 0, bytes.length)?.wellFormed, text).toBe(true);
    }
  });
});

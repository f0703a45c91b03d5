import { describe, expect, it } from 'vitest';
import {
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_ID_BYTES,
  parseMessage,
  submitFromRequest,
  type StratumRequest,
} from './message-codec.ts';
import { SubmitLine } from './submit-line.ts';

function parse(text: string | Uint8Array): ReturnType<typeof parseMessage> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return parseMessage(bytes, 0, bytes.length);
}

const idOf = (text: string): string => Buffer.from(parse(text).id).toString();

describe('parseMessage', () => {
  it.each([
    '1',
    '0',
    '-3',
    '1e3',
    '12345678901234567890',
    '1.50',
    'null',
    '"auth"',
    '"\\u0041"',
    '"\u00fc"',
    'true',
    '[1, 2]',
    '{"a": 1}',
  ])('keeps the id %s as it came', (id) => {
    expect(idOf(`{"id": ${id} , "method":"mining.subscribe","params":[]}`)).toBe(id);
    expect(idOf(`{"method":"x","params":[{"id":99},["id"]],"id":${id}}`)).toBe(id);
  });

  it('takes the last id and the last method, as JSON.parse does', () => {
    expect(idOf('{"id":1,"method":"a","id":2}')).toBe('2');
    expect(idOf('{"\\u0069d":3,"method":"a"}')).toBe('3');
    expect(parse('{"id":1,"method":"a","method":"b"}')).toMatchObject({ method: 'b' });
  });

  it('is tolerant about what may be missing', () => {
    expect(parse('{"method":"mining.subscribe"}')).toMatchObject({ kind: 'request', params: [] });
    expect(idOf('{"method":"mining.subscribe"}')).toBe('null');
    expect(parse('{"id":1,"method":"mining.subscribe","params":null,"jsonrpc":"2.0"}')).toMatchObject({
      kind: 'request',
      params: [],
    });
    expect(parse(' {"id":1,"method":"x","params":[]} \t')).toMatchObject({ kind: 'request' });
  });

  it('knows a reply from a request', () => {
    expect(parse('{"id":5,"result":"pong","error":null}')).toMatchObject({
      kind: 'reply',
      result: 'pong',
      error: null,
    });
    expect(parse('{"id":5,"result":null,"error":[20,"no",null]}')).toMatchObject({ kind: 'reply', result: null });
    expect(parse('{"id":5,"method":null,"result":true}')).toMatchObject({ kind: 'reply', result: true });
  });

  it.each([
    ['', 'Not JSON'],
    ['{', 'Not JSON'],
    ['}', 'Not JSON'],
    ['{"id":1', 'Not JSON'],
    ['{"id":1,}', 'Not JSON'],
    ['{"id":"\\"}', 'Not JSON'],
    ['{"id":1}}', 'Not JSON'],
    ['{"id":1]', 'Not JSON'],
    ['{}{}', 'Not a JSON object'],
    ['[{"id":1}]', 'Not a JSON object'],
    ['GET / HTTP/1.1', 'Not a JSON object'],
    ['null', 'Not a JSON object'],
    ['"{}"', 'Not JSON'],
    ['{}', 'Neither a method nor a result'],
    ['{"id":1,"method":7}', 'Method is not a string'],
    ['{"id":1,"method":["mining.submit"]}', 'Method is not a string'],
    ['{"id":1,"method":"x","params":{"a":1}}', 'Params are not an array'],
    ['{"id":1,"method":"x","params":"a"}', 'Params are not an array'],
    [`{"id":${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)},"method":"x"}`, `Nested deeper than ${MAX_DEPTH}`],
    [`{"id":1,"method":"x","params":[${'0,'.repeat(MAX_ELEMENTS)}0]}`, `More than ${MAX_ELEMENTS} elements`],
    [`{"id":"${'i'.repeat(MAX_ID_BYTES)}","method":"x"}`, `Id longer than ${MAX_ID_BYTES} bytes`],
  ])('says of %j: %s', (text, problem) => {
    expect(parse(text)).toMatchObject({ kind: 'malformed', problem });
  });

  it('takes bytes that are no UTF-8 for what they are', () => {
    expect(parse(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toMatchObject({
      kind: 'malformed',
      problem: 'Not JSON',
    });
    expect(parse(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]))).toMatchObject({ kind: 'malformed' });
  });

  it('echoes the id of a malformed request that had one', () => {
    expect(idOf('{"id":"q7","method":{}}')).toBe('"q7"');
  });

  it('lets go of the bytes it read', () => {
    const bytes = Buffer.from('{"id":"keep","method":"m","params":["p"]}');
    const message = parse(bytes);
    bytes.fill(0);
    expect(Buffer.from(message.id).toString()).toBe('"keep"');
    expect(message).toMatchObject({ method: 'm', params: ['p'] });
  });
});

describe('submitFromRequest', () => {
  const request = (params: readonly unknown[]): StratumRequest => ({
    kind: 'request',
    id: Buffer.from('1'),
    method: 'mining.submit',
    params,
  });

  it('wants strings, but keeps the worker of a share whose other fields are wrong', () => {
    const line = new SubmitLine();
    for (const wrong of [7, null, true, [], {}]) {
      for (let index = 1; index < 5; index++) {
        const params: unknown[] = ['w', '1', '2', '3', '4'];
        params[index] = wrong;
        expect(submitFromRequest(request(params), line)).toBe(false);
        expect(Buffer.from(line.bytes.subarray(line.workerStart, line.workerEnd)).toString()).toBe('w');
      }
    }
    expect(submitFromRequest(request([]), line)).toBe(false);
    expect(submitFromRequest(request(['w', '1', '2', '3']), line)).toBe(false);
    expect(submitFromRequest(request(['w', '1', '2', '3', '4', 5]), line)).toBe(false);
    expect(submitFromRequest(request(['w', '1', '2', '3', '4', null]), line)).toBe(true);
    expect(line.hasVersionBits).toBe(false);
    expect(submitFromRequest(request(['w', '1', '2', '3', '4', '5', 'more']), line)).toBe(true);
    expect(line.hasVersionBits).toBe(true);
  });
});

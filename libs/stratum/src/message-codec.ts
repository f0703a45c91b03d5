// The general path of the codec: one line of bytes to one typed message. Tolerant of what miners really send (ids of any shape,
// missing params, keys in any order, keys we do not know), strict about bounds: depth, elements and the length of an id.
// Invariant: the id is kept as the raw JSON it came as, so that the reply echoes it to the byte; parsing never throws.
import { type SubmitLine, setParam } from './submit-line.ts';

/** What a miner asks. A notification of a miner has the id `null`, and so has a request without one. */
export interface StratumRequest {
  readonly kind: 'request';
  /** Raw JSON bytes. */
  readonly id: Uint8Array;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A miner's answer to something we asked: client.get_version, client.show_message, mining.ping. */
export interface StratumReply {
  readonly kind: 'reply';
  readonly id: Uint8Array;
  readonly result: unknown;
  readonly error: unknown;
}

/** No message. `problem` says what is wrong in plain ASCII; `id` is that of the message where it had one, else `null`. */
export interface MalformedMessage {
  readonly kind: 'malformed';
  readonly id: Uint8Array;
  readonly problem: string;
}

export type StratumMessage = StratumRequest | StratumReply | MalformedMessage;

export const MAX_DEPTH = 8;
export const MAX_ELEMENTS = 256;
export const MAX_ID_BYTES = 128;

export const NULL_ID: Uint8Array = Uint8Array.from(Buffer.from('null'));

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses `bytes[start, end)`. Nothing of the result refers to `bytes`. */
export function parseMessage(bytes: Uint8Array, start: number, end: number): StratumMessage {
  const envelope = readEnvelope(bytes, start, end);
  if (typeof envelope === 'string') return { kind: 'malformed', id: NULL_ID, problem: envelope };
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(strictUtf8.decode(bytes.subarray(start, end))) as Record<string, unknown>;
  } catch {
    return { kind: 'malformed', id: NULL_ID, problem: 'Not JSON' };
  }
  // Not slice: a Buffer is sliced without a copy.
  const id = envelope.idEnd === 0 ? NULL_ID : Uint8Array.from(bytes.subarray(envelope.idStart, envelope.idEnd));
  if (id.length > MAX_ID_BYTES)
    return { kind: 'malformed', id: NULL_ID, problem: `Id longer than ${MAX_ID_BYTES} bytes` };
  const { method, params, result, error } = value as {
    method?: unknown;
    params?: unknown;
    result?: unknown;
    error?: unknown;
  };
  if (method === undefined || method === null) {
    if (result === undefined && error === undefined)
      return { kind: 'malformed', id, problem: 'Neither a method nor a result' };
    return { kind: 'reply', id, result: result ?? null, error: error ?? null };
  }
  if (typeof method !== 'string') return { kind: 'malformed', id, problem: 'Method is not a string' };
  if (params === undefined || params === null) return { kind: 'request', id, method, params: [] };
  if (!Array.isArray(params)) return { kind: 'malformed', id, problem: 'Params are not an array' };
  return { kind: 'request', id, method, params };
}

/**
 * The fields of a submit that came by the general path, in the form the fast path gives them. False when they are not there or
 * of the wrong type; then only the id, and the worker where it is a string, are set.
 */
export function submitFromRequest(request: StratumRequest, out: SubmitLine): boolean {
  const { id, params } = request;
  // Some proxies pad the params of a miner that does not roll versions with a null.
  const count = params.length === 5 || params[5] === null ? 5 : 6;
  const parts: Uint8Array[] = [id];
  let at = id.length;
  for (let index = 0; index < 6; index++) setParam(out, index, 0, 0);
  out.idStart = 0;
  out.idEnd = at;
  let complete = params.length >= 5;
  for (let index = 0; index < count; index++) {
    const param = params[index];
    if (typeof param !== 'string') {
      complete = false;
      continue;
    }
    const part = Buffer.from(param);
    parts.push(part);
    setParam(out, index, at, at + part.length);
    at += part.length;
  }
  out.bytes = Buffer.concat(parts, at);
  return complete;
}

interface Envelope {
  readonly idStart: number;
  /** 0 when the message has no id. */
  readonly idEnd: number;
}

/**
 * Goes over the message once: finds the raw bytes of its id (of the last one, as JSON.parse takes the last) and keeps the bounds.
 * A string says what is wrong. It is right about messages that are JSON; JSON.parse says after it whether this one is.
 */
function readEnvelope(bytes: Uint8Array, start: number, end: number): Envelope | string {
  let depth = 0;
  let elements = 0;
  let atKey = false;
  let keyIsId = false;
  let valueStart = 0;
  let idStart = 0;
  let idEnd = 0;
  for (let at = start; at < end; at++) {
    switch (bytes[at]) {
      case 0x22: {
        const close = closingQuote(bytes, at + 1, end);
        if (close < 0) return 'Not JSON';
        if (atKey) keyIsId = isIdKey(bytes, at, close);
        atKey = false;
        at = close;
        break;
      }
      case 0x3a:
        if (depth === 1 && keyIsId) valueStart = at + 1;
        break;
      case 0x7b:
      case 0x5b:
        if (depth === 0 && (bytes[at] === 0x5b || elements > 0)) return 'Not a JSON object';
        if (++depth > MAX_DEPTH) return `Nested deeper than ${MAX_DEPTH}`;
        if (++elements > MAX_ELEMENTS) return `More than ${MAX_ELEMENTS} elements`;
        atKey = depth === 1;
        break;
      case 0x2c:
        if (++elements > MAX_ELEMENTS) return `More than ${MAX_ELEMENTS} elements`;
        if (depth !== 1) break;
        if (valueStart !== 0) [idStart, idEnd] = trimmed(bytes, valueStart, at);
        atKey = true;
        keyIsId = false;
        valueStart = 0;
        break;
      case 0x7d:
      case 0x5d:
        if (depth === 1 && valueStart !== 0) [idStart, idEnd] = trimmed(bytes, valueStart, at);
        if (--depth < 0) return 'Not JSON';
        break;
      case 0x20:
      case 0x09:
      case 0x0d:
        break;
      default:
        // What does not even begin as an object is noise, or another protocol: no need to parse it.
        if (depth === 0) return 'Not a JSON object';
    }
  }
  return depth === 0 && elements > 0 ? { idStart, idEnd } : 'Not JSON';
}

function closingQuote(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === 0x5c) at++;
    else if (bytes[at] === 0x22) return at;
  }
  return -1;
}

/** Whether the string between the quotes at `open` and `close` is `id`, escaped or not. */
function isIdKey(bytes: Uint8Array, open: number, close: number): boolean {
  if (close - open === 3) return bytes[open + 1] === 0x69 && bytes[open + 2] === 0x64;
  // Fully escaped it is twelve characters long.
  if (close - open > 13) return false;
  try {
    return JSON.parse(Buffer.from(bytes.subarray(open, close + 1)).toString('latin1')) === 'id';
  } catch {
    return false;
  }
}

function trimmed(bytes: Uint8Array, from: number, to: number): [number, number] {
  let start = from;
  let end = to;
  while (start < end && isSpace(bytes[start]!)) start++;
  while (end > start && isSpace(bytes[end - 1]!)) end--;
  return [start, end];
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

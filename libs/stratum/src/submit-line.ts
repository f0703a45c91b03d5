// The fields of one `mining.submit`, as places in the bytes it came in. Read by a scanner that goes over the bytes once, without
// JSON.parse, a string or an allocation. Invariant: the scanner takes only what it fully understands (plain ASCII strings
// without escapes, a plain id, the three keys once each); anything else it leaves to the general path (message-codec.ts), which
// must read the same fields where both do (submit-line.prop.test.ts).

/** Reused for every submit of a listener: filled, read, and filled again. An end is exclusive. */
export class SubmitLine {
  bytes: Uint8Array = new Uint8Array(0);
  /** The id as raw JSON. */
  idStart = 0;
  idEnd = 0;
  workerStart = 0;
  workerEnd = 0;
  jobStart = 0;
  jobEnd = 0;
  extranonce2Start = 0;
  extranonce2End = 0;
  ntimeStart = 0;
  ntimeEnd = 0;
  nonceStart = 0;
  nonceEnd = 0;
  /** Both 0 when the submit has five params only. */
  versionBitsStart = 0;
  versionBitsEnd = 0;

  get hasVersionBits(): boolean {
    return this.versionBitsEnd !== 0;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const MAX_PLAIN_ID_DIGITS = 16;
const MAX_PLAIN_ID_CHARACTERS = 64;

const HAS_ID = 1;
const HAS_METHOD = 2;
const HAS_PARAMS = 4;
const METHOD = Uint8Array.from(Buffer.from('mining.submit'));

/** True when `bytes[start, end)` is a submit of the plain kind, whose fields then stand in `out`. False says nothing: ask the general path. */
export function scanSubmit(bytes: Uint8Array, start: number, end: number, out: SubmitLine): boolean {
  let at = afterSpaces(bytes, start, end);
  if (bytes[at++] !== 0x7b) return false;
  let seen = 0;
  for (;;) {
    at = afterSpaces(bytes, at, end);
    if (bytes[at] !== QUOTE) return false;
    const key = at + 1;
    const keyEnd = endOfPlainString(bytes, key, end);
    if (keyEnd < 0) return false;
    at = afterSpaces(bytes, keyEnd + 1, end);
    if (bytes[at] !== COLON) return false;
    at = afterSpaces(bytes, at + 1, end);
    let has: number;
    if (keyEnd - key === 2 && bytes[key] === 0x69 && bytes[key + 1] === 0x64) {
      has = HAS_ID;
      out.idStart = at;
      at = afterPlainId(bytes, at, end);
      out.idEnd = at;
    } else if (keyEnd - key !== 6) {
      return false;
    } else if (isWord(bytes, key, 0x6d, 0x65, 0x74, 0x68, 0x6f, 0x64)) {
      has = HAS_METHOD;
      at = afterMethod(bytes, at, end);
    } else if (isWord(bytes, key, 0x70, 0x61, 0x72, 0x61, 0x6d, 0x73)) {
      has = HAS_PARAMS;
      at = afterParams(bytes, at, end, out);
    } else {
      return false;
    }
    if (at < 0 || (seen & has) !== 0) return false;
    seen |= has;
    at = afterSpaces(bytes, at, end);
    const next = bytes[at++];
    if (next === 0x7d) break;
    if (next !== COMMA) return false;
  }
  if (seen !== (HAS_ID | HAS_METHOD | HAS_PARAMS)) return false;
  out.bytes = bytes;
  // A byte read past the end, which may be left over from an earlier line, has moved `at` past it too.
  return afterSpaces(bytes, at, end) === end;
}

function afterSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) break;
    at++;
  }
  return at;
}

/** Where the closing quote of a string of printable ASCII without escapes stands, or -1. */
function endOfPlainString(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1;
  }
  return -1;
}

function isWord(
  bytes: Uint8Array,
  at: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): boolean {
  return (
    bytes[at] === a &&
    bytes[at + 1] === b &&
    bytes[at + 2] === c &&
    bytes[at + 3] === d &&
    bytes[at + 4] === e &&
    bytes[at + 5] === f
  );
}

/** Digits without a leading zero, a short plain string, or null. */
function afterPlainId(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from]!;
  if (first === QUOTE) {
    const close = endOfPlainString(bytes, from + 1, end);
    return close < 0 || close - from > MAX_PLAIN_ID_CHARACTERS ? -1 : close + 1;
  }
  if (first === 0x6e) {
    return bytes[from + 1] === 0x75 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x6c && from + 4 <= end
      ? from + 4
      : -1;
  }
  let at = from;
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  const digits = at - from;
  return digits === 0 || digits > MAX_PLAIN_ID_DIGITS || (first === 0x30 && digits > 1) ? -1 : at;
}

function afterMethod(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== QUOTE || from + METHOD.length + 2 > end) return -1;
  for (let i = 0; i < METHOD.length; i++) if (bytes[from + 1 + i] !== METHOD[i]) return -1;
  return bytes[from + 1 + METHOD.length] === QUOTE ? from + METHOD.length + 2 : -1;
}

/** An array of five or six plain strings. */
function afterParams(bytes: Uint8Array, from: number, end: number, out: SubmitLine): number {
  if (bytes[from] !== 0x5b) return -1;
  let at = from;
  out.versionBitsStart = out.versionBitsEnd = 0;
  for (let index = 0; index < 6; index++) {
    at = afterSpaces(bytes, at + 1, end);
    if (bytes[at] !== QUOTE) return -1;
    const start = at + 1;
    const close = endOfPlainString(bytes, start, end);
    if (close < 0) return -1;
    setParam(out, index, start, close);
    at = afterSpaces(bytes, close + 1, end);
    if (bytes[at] === 0x5d) return index >= 4 ? at + 1 : -1;
    if (bytes[at] !== COMMA) return -1;
  }
  return -1;
}

/** Sets the place of the params in their order on the wire: worker, job id, extranonce2, ntime, nonce, version bits. */
export function setParam(out: SubmitLine, index: number, start: number, end: number): void {
  switch (index) {
    case 0:
      out.workerStart = start;
      out.workerEnd = end;
      break;
    case 1:
      out.jobStart = start;
      out.jobEnd = end;
      break;
    case 2:
      out.extranonce2Start = start;
      out.extranonce2End = end;
      break;
    case 3:
      out.ntimeStart = start;
      out.ntimeEnd = end;
      break;
    case 4:
      out.nonceStart = start;
      out.nonceEnd = end;
      break;
    default:
      out.versionBitsStart = start;
      out.versionBitsEnd = end;
  }
}

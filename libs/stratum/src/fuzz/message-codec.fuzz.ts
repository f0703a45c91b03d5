// Any line: parsing never throws, the id echoed is JSON, and the fast path reads only what the general path reads too.
import { assert } from '@assay/kernel';
import { CanonicalShare } from '../canonical-share.ts';
import { MAX_ID_BYTES, parseMessage, submitFromRequest } from '../message-codec.ts';
import { encodeError } from '../message-encoder.ts';
import { SubmitLine, scanSubmit } from '../submit-line.ts';

export function fuzzOne(data: Uint8Array): void {
  for (let start = 0; start <= data.length;) {
    const lineFeed = data.indexOf(10, start);
    const end = lineFeed < 0 ? data.length : lineFeed;
    checkLine(data, start, end);
    start = end + 1;
  }
}

/** The bytes around the line are those of other lines, as in a read buffer. */
function checkLine(data: Uint8Array, start: number, end: number): void {
  const message = parseMessage(data, start, end);
  assert(message.id.length <= MAX_ID_BYTES, 'id too long');
  const problem = message.kind === 'malformed' ? message.problem : 'none';
  JSON.parse(Buffer.from(encodeError(message.id, { code: 20, message: problem })).toString('utf8'));

  const fast = new SubmitLine();
  if (!scanSubmit(data, start, end, fast)) return;
  assert(message.kind === 'request' && message.method === 'mining.submit', 'the fast path took what is no submit');
  const general = new SubmitLine();
  const complete = submitFromRequest(message, general);
  assert(complete, 'the fast path took an incomplete submit');
  assert(shareText(fast) === shareText(general), 'the paths read different shares');
}

function shareText(line: SubmitLine): string {
  const share = new CanonicalShare(8);
  const read = share.read(line);
  const text = (start: number, end: number): string => Buffer.from(line.bytes.subarray(start, end)).toString('latin1');
  const { extranonce2, ntime, nonce, versionBits, jobId } = share;
  return [
    text(line.idStart, line.idEnd),
    text(line.workerStart, line.workerEnd),
    read,
    ...(read ? [extranonce2, ntime, nonce, versionBits, jobId] : []),
  ].join(' ');
}

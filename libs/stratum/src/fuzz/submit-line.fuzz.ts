// Any one line as a submit: the scanner reads only what the general path reads too, fields lie within the line, and what a share is read
// from gives the same share when it is spelled the plain way.
import { assert, hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { CanonicalShare } from '../canonical-share.ts';
import { parseMessage, submitFromRequest } from '../message-codec.ts';
import { SubmitLine, scanSubmit } from '../submit-line.ts';

const EXTRANONCE2_BYTES = 8;

export function fuzzOne(data: Uint8Array): void {
  const line = new SubmitLine();
  // The bytes around it are those of other lines, as in a read buffer.
  const end = data.indexOf(10) < 0 ? data.length : data.indexOf(10);
  if (!scanSubmit(data, 0, end, line)) {
    const message = parseMessage(data, 0, end);
    if (message.kind !== 'request' || !submitFromRequest(message, line)) return;
  } else {
    const places = [line.idEnd, line.workerEnd, line.jobEnd, line.extranonce2End, line.ntimeEnd, line.nonceEnd];
    assert(places.every((place) => place <= end) && line.versionBitsEnd <= end, 'a field beyond the end of its line');
  }
  const share = new CanonicalShare(EXTRANONCE2_BYTES);
  if (!share.read(line)) return;
  const { jobId, extranonce2, ntime, nonce, versionBits, hasVersionBits } = share;
  // An id that cannot be one of ours.
  if (jobId < 0) return;
  const words = [hexFromUint32(jobId), hexFromBytes(extranonce2), hexFromUint32(ntime), hexFromUint32(nonce)];
  if (hasVersionBits) words.push(hexFromUint32(versionBits));
  const plain = Buffer.from(JSON.stringify({ id: 1, method: 'mining.submit', params: ['w', ...words] }));
  const again = new SubmitLine();
  const same = new CanonicalShare(EXTRANONCE2_BYTES);
  assert(scanSubmit(plain, 0, plain.length, again) && same.read(again), 'a plain spelling was not read');
  assert(
    same.jobId === jobId &&
      same.ntime === ntime &&
      same.nonce === nonce &&
      same.hasVersionBits === hasVersionBits &&
      (!hasVersionBits || same.versionBits === versionBits) &&
      Buffer.compare(same.extranonce2, extranonce2) === 0,
    'spelled plainly it is another share',
  );
}

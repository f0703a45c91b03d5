// Any bytes as a PROXY header: never throws, says the same of a prefix until it has seen enough, and what it takes is a header with an
// address that is one.
import { assert } from '@assay/kernel';
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from '../proxy-header.ts';

const ADDRESS = /^[0-9a-f:.]{2,45}$/;

export function fuzzOne(data: Uint8Array): void {
  const whole = parseProxyHeader(data, data.length);
  // Byte by byte, as a slow proxy sends it: 'more' until the answer, and then the answer stays.
  let answered = false;
  for (let length = 0; length <= Math.min(data.length, 300); length++) {
    const answer = parseProxyHeader(data, length);
    if (answer.kind === 'more') assert(!answered, 'it wants more after it had answered');
    else {
      answered = true;
      if (answer.kind !== 'malformed') {
        assert(answer.length <= length, 'a header longer than what was read');
        assert(JSON.stringify(answer) === JSON.stringify(whole), 'more bytes behind a header changed it');
      } else assert(whole.kind === 'malformed', 'what was malformed became a header');
    }
  }
  if (whole.kind === 'more') assert(data.length < MAX_PROXY_HEADER_BYTES, `more is wanted after ${data.length} bytes`);
  if (whole.kind === 'client') assert(ADDRESS.test(whole.address), `no address: ${whole.address}`);
}

// The fuzz targets of this package, for its tests and for `npm run fuzz`.
import { bytesOf, corpus, type FuzzTarget } from './fuzz-target.ts';
import { fuzzOne as framer } from './line-framer.fuzz.ts';
import { fuzzOne as codec } from './message-codec.fuzz.ts';
import { fuzzOne as pool } from './pool-client.fuzz.ts';
import { fuzzOne as header } from './proxy-header.fuzz.ts';
import { fuzzOne as session } from './session.fuzz.ts';
import { fuzzOne as submit } from './submit-line.fuzz.ts';

export { FuzzFailure, fuzz } from './fuzz-run.ts';
export { bytesOf, readFound, readSeeds, type FuzzTarget } from './fuzz-target.ts';
export { mutated } from './mutation.ts';
export { SessionLife } from './session.fuzz.ts';

/** Structure, numbers at their edges, broken text, words of the protocol. */
export const STRATUM_TOKENS = bytesOf(
  ...['{', '}', '[', ']', '"', '\\', ':', ',', '\n', '\r\n', '\0', ' ', 'null', 'true', '-1', '1e999', '0x'],
  ...['4294967296', '\\u0000', '\\ud800', '\xff\xfe', '"id":', '"params":[', '"method":"mining.submit"'],
  ...['ffffffff', '00000100', '$job', '$old', '$ntime', '!clean\n', '!follow\n', '!wait 90\n'],
);
const HEADER_TOKENS = bytesOf(
  ...['\r\n', '\n', '\0', ' ', 'PROXY ', 'TCP4', 'TCP6', '::', '65536', '\x21\x11', '\xff\xff'],
);

const messages = corpus('messages');
const found = corpus('found');

export const FUZZ_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'line-framer': { seeds: [messages], found, tokens: STRATUM_TOKENS, pieces: 6, weight: 20, one: framer },
  'message-codec': { seeds: [messages], found, tokens: STRATUM_TOKENS, pieces: 3, weight: 20, one: codec },
  'submit-line': { seeds: [messages], found, tokens: STRATUM_TOKENS, pieces: 1, weight: 25, one: submit },
  'proxy-header': {
    seeds: [corpus('proxy-header')],
    found,
    tokens: HEADER_TOKENS,
    pieces: 1,
    weight: 20,
    one: header,
  },
  'pool-client': {
    seeds: [corpus('pool')],
    found,
    tokens: STRATUM_TOKENS,
    pieces: 24,
    weight: 15,
    one: pool,
  },
  session: {
    seeds: [messages, corpus('lives'), corpus('lives')],
    found,
    tokens: STRATUM_TOKENS,
    pieces: 24,
    weight: 15,
    one: session,
  },
};

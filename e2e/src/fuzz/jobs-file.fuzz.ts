// Any text as a jobs file: it is read, or refused with a sentence that names the file; what is read holds together.
import { assert } from '@assay/kernel';
import { SettingsError } from '@assay/platform';
import { bytesOf, type FuzzTarget } from '@assay/stratum/fuzz';
import { parseJobsFile } from '@assay/stratum-gateway';

const corpus = new URL('../../fuzz-corpus/', import.meta.url);

function fuzzOne(data: Uint8Array): void {
  const text = Buffer.from(data).toString('utf8');
  try {
    const { sources, defaultSource, ports, routes } = parseJobsFile('jobs.json', text, 'sha256d');
    assert(sources.has(defaultSource), 'a default source that is not there');
    for (const { source } of ports) assert(sources.has(source), 'a port with a source that is not there');
    for (const to of routes.values()) for (const source of to) assert(sources.has(source), 'a route to nowhere');
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    assert(error.message.includes('jobs.json'), `which file? ${error.message}`);
  }
}

export const JOBS_FILE: FuzzTarget = {
  seeds: [new URL('jobs-file/', corpus)],
  found: new URL('found/', corpus),
  tokens: bytesOf(
    ...[
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      'null',
      '-1',
      '1e999',
      '"a"',
      '"type":"local"',
      '"sources":{',
      '\\u0000',
      '\xff',
    ],
  ),
  pieces: 1,
  weight: 10,
  one: fuzzOne,
};

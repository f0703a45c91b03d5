// Lines no honest miner sends.
import type { Random } from '@assay/kernel';

export const MALFORMED: readonly string[] = [
  '{"id":1,"method":"mining.submit","params":[',
  '{"id":1 "method":"mining.subscribe"}',
  '[1,2,3]',
  '"mining.submit"',
  '{}',
  'GET / HTTP/1.1',
  '{"id":1,"method":"mining.submit","params":["a","b"}',
  '{"method":"mining.authorize","params":["\\ud800"',
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  'nan',
];

export const UNKNOWN_METHODS: readonly string[] = [
  'mining.steal',
  'eth_submitWork',
  'login',
  'constructor',
  '__proto__',
  'mining.submit.',
  'x'.repeat(500),
].map((method) => JSON.stringify({ id: 1, method, params: [] }));

const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  '',
  'zz',
  'f'.repeat(300),
  '\u0000\uffff',
  [],
  [[[[]]]],
  {},
  { toString: 1 },
];

const METHODS: Readonly<Record<string, readonly unknown[]>> = {
  'mining.configure': [['version-rolling'], { 'version-rolling.mask': 'ffffffff' }],
  'mining.subscribe': ['hostile/1.0', 'session'],
  'mining.authorize': ['hostile.site.m1', 'x'],
  'mining.extranonce.subscribe': [1],
  'mining.suggest_difficulty': [1],
  'mining.suggest_target': ['00000000ffff0000000000000000000000000000000000000000000000000000'],
  'mining.submit': ['hostile.site.m1', '00000001', '0000000000000000', '65000000', '00000000', '00000000'],
};

/** Every method with every field replaced by every wrong value, and the message's own fields too. */
export const WRONG_TYPES: readonly string[] = [
  ...Object.entries(METHODS).flatMap(([method, params]) =>
    params.flatMap((_, at) =>
      WRONG.map((value) =>
        JSON.stringify({ id: 1, method, params: params.map((param, i) => (i === at ? value : param)) }),
      ),
    ),
  ),
  ...Object.keys(METHODS).flatMap((method) => WRONG.map((params) => JSON.stringify({ id: 1, method, params }))),
  ...WRONG.map((id) => JSON.stringify({ id, method: 'mining.ping', params: [] })),
  ...WRONG.map((method) => JSON.stringify({ id: 1, method, params: [] })),
];

export const MEGABYTE: Uint8Array = Buffer.alloc(2 ** 20, '{"a":');

/** Some kilobytes of anything, with line feeds now and then as chance has it. */
export function noise(random: Random): Uint8Array {
  return random.bytes(4096);
}

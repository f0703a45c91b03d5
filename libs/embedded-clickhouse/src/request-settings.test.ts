import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { quote, readRequestSettings, setStatement } from './request-settings.ts';

const read = (parameters: Record<string, string>, outside = false) =>
  readRequestSettings(Object.entries(parameters), outside, DEFAULT_LIMITS);

describe('settings of a request', () => {
  it('are told from parameters and from what belongs to HTTP', () => {
    expect(
      read({
        query: 'x',
        user: 'u',
        param_a: '1',
        max_threads: '2',
        wait_end_of_query: '1',
        enable_http_compression: '1',
      }),
    ).toEqual({
      settings: [['max_threads', '2']],
      params: [['a', '1']],
      compressResponse: true,
    });
  });

  it('from outside are held below the bounds, and 0 is not a way around them', () => {
    const { settings } = read(
      { max_execution_time: '0', max_memory_usage: '99999999999999', max_threads: '1', readonly: '2' },
      true,
    );
    expect(settings).toEqual([['max_execution_time', '30'], ['max_memory_usage', String(DEFAULT_LIMITS.outsideMemoryBytes)], ['max_threads', '1']]); // prettier-ignore
    for (const [name, value] of [['max_execution_time', '-1'], ['max_memory_usage', 'x'], ['readonly', '0'], ['format_schema', 'x'], ['allow_ddl', '1']]) {
      expect(() => read({ [name!]: value! }, true)).toThrow(/Code: (36|164)/);
    } // prettier-ignore
  });

  it('become one SET, in which a value stays a value', () => {
    expect(setStatement([['a', `x', readonly = '0`]], [['p', `\\'`]])).toBe(
      `SET a = 'x\\', readonly = \\'0', param_p = '\\\\\\''`,
    );
    expect(quote('a\0b')).toBe(`'a\\0b'`);
    expect(() => read({ 'a = 1, readonly': '0' })).toThrow('not the name of a setting');
  });
});

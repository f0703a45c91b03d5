import { describe, expect, it } from 'vitest';
import { contentType, isStreamed, repeatedHeaderBytes } from './formats.ts';

const header = (format: string, block: string | number[]): number =>
  repeatedHeaderBytes(format, typeof block === 'string' ? Buffer.from(block) : Uint8Array.from(block));

describe('headers that come again with every block', () => {
  it('end after their lines, not after a line break inside a quoted name', () => {
    expect(header('CSVWithNames', '"a\n""b","c"\n1,2\n')).toBe('"a\n""b","c"\n'.length);
    expect(header('CSVWithNamesAndTypes', '"a"\n"UInt8"\n1\n')).toBe('"a"\n"UInt8"\n'.length);
    expect(header('TabSeparatedWithNamesAndTypes', 'a\\n\tb\nUInt8\tString\n1\tx\n')).toBe(
      'a\\n\tb\nUInt8\tString\n'.length,
    );
    expect(header('JSONCompactEachRowWithNames', '["a"]\n[1]\n')).toBe(6);
    expect(header('JSONEachRow', '{"a":1}\n')).toBe(0);
  });

  it('end after their strings in binary', () => {
    expect(header('RowBinaryWithNames', [2, 1, 97, 2, 98, 98, 7, 7])).toBe(6);
    expect(header('RowBinaryWithNamesAndTypes', [1, 1, 97, 5, 85, 73, 110, 116, 56, 9])).toBe(9);
    const long = [1, 0x80, 0x01, ...new Array<number>(128).fill(97), 5];
    expect(header('RowBinaryWithNames', long)).toBe(131);
  });
});

it('only formats whose blocks join are streamed', () => {
  for (const format of ['JSONEachRow', 'CSVWithNames', 'Native', 'RowBinary', 'TSV'])
    expect(isStreamed(format)).toBe(true);
  for (const format of ['JSON', 'Parquet', 'ArrowStream', 'Pretty', 'XML', 'Values', 'toString'])
    expect(isStreamed(format)).toBe(false);
  expect(contentType('JSON')).toContain('application/json');
  expect(contentType('JSONCompactEachRow')).toContain('ndjson');
  expect(contentType('CSVWithNames')).toContain('header=present');
});

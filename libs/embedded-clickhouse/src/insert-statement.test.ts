import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insertFromFile, splitInsert } from './insert-statement.ts';

const data = (text: string): string | undefined => {
  const insert = splitInsert(text);
  return insert && text.slice(insert.dataStart);
};

describe('the head of an insert', () => {
  it.each([
    ['INSERT INTO t FORMAT CSV\n1,2\n', 'INSERT INTO t', '', 'CSV', '1,2\n'],
    ['insert into t (a, b) values (1, 2)', 'insert into t (a, b)', '', 'Values', ' (1, 2)'],
    [
      'INSERT INTO t SETTINGS async_insert = 1 FORMAT JSONEachRow {"a":1}',
      'INSERT INTO t',
      'SETTINGS async_insert = 1',
      'JSONEachRow',
      '{"a":1}',
    ],
    [
      '/* VALUES */ INSERT INTO `FORMAT` (`VALUES`, "SELECT") -- FORMAT x\n FORMAT TSV\r\n\n\n',
      'INSERT INTO `FORMAT` (`VALUES`, "SELECT") -- FORMAT x',
      '',
      'TSV',
      '\n\n',
    ],
    [
      "INSERT INTO FUNCTION null('x String, VALUES Int8') FORMAT Native\n\0",
      "INSERT INTO FUNCTION null('x String, VALUES Int8')",
      '',
      'Native',
      '\0',
    ],
    ['INSERT INTO db.t FORMAT Arrow', 'INSERT INTO db.t', '', 'Arrow', ''],
  ])('%j', (text, target, settings, format, rest) => {
    expect(splitInsert(text)).toMatchObject({ target, settings, format });
    expect(data(text)).toBe(rest);
  });

  it.each([
    'SELECT 1 FORMAT CSV',
    'INSERT INTO t SELECT 1 FORMAT CSV',
    'INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x',
    'INSERT INTO t (a) SELECT 1',
    'INSERT',
    'INSERTED INTO t FORMAT CSV',
    '',
    '-- INSERT INTO t FORMAT CSV',
    "SELECT 'INSERT INTO t VALUES (1)'",
  ])('is none in %j', (text) => expect(splitInsert(text)).toBeUndefined());

  it('refuses to read a file of the server', () => {
    expect(() => splitInsert("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV")).toThrow('INFILE');
  });

  it('puts the file where ClickHouse wants it, quoted', () => {
    const insert = splitInsert('INSERT INTO t (a) SETTINGS x = 1 FORMAT CSV')!;
    expect(insertFromFile(insert, "/data/it's\\here")).toBe(
      "INSERT INTO t (a) FROM INFILE '/data/it\\'s\\\\here' COMPRESSION 'none' SETTINGS x = 1 FORMAT CSV",
    );
  });

  it('ends where the data begins, whatever the data is', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const text = `INSERT INTO t FORMAT RowBinary\n${rest}`;
        expect(data(text)).toBe(rest);
      }),
    );
  });

  it('never throws anything but a refusal, whatever the text is', () => {
    const word = fc.constantFrom(
      'INSERT',
      'INTO',
      'FORMAT',
      'VALUES',
      'SETTINGS',
      'SELECT',
      '(',
      ')',
      "'",
      '"',
      '`',
      '\\',
      '--',
      '/*',
      '*/',
      '\n',
      ' ',
      't',
      ',',
      ';',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const insert = splitInsert(words.join(' '));
        if (insert) expect(insert.dataStart).toBeLessThanOrEqual(words.join(' ').length);
      }),
    );
  });
});

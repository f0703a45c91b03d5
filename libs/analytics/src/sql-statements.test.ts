import { describe, expect, it } from 'vitest';
import { fillPlaceholders, splitStatements } from './sql-statements.ts';

describe('splitting statements', () => {
  it('cuts at semicolons, and nowhere inside strings, names and comments', () => {
    const sql = `-- a; comment
CREATE TABLE a (x String COMMENT 'the job''s; x\\';') ENGINE = Memory; /* b; */
  ;
ALTER TABLE \`b;c\` ADD COLUMN "d;e" Int8 -- end; of it
;
SELECT 1`;
    const statements = splitStatements(sql);
    expect(statements).toHaveLength(3);
    expect(statements[0]).toBe(`CREATE TABLE a (x String COMMENT 'the job''s; x\\';') ENGINE = Memory`);
    expect(statements[1]).toContain('`b;c` ADD COLUMN "d;e" Int8');
    expect(statements[2]).toBe('SELECT 1');
  });

  it('gives nothing for a file of comments', () => {
    expect(splitStatements('-- only\n/* words; */ ; \n')).toEqual([]);
  });
});

describe('placeholders', () => {
  it('puts numbers and words in', () => {
    expect(fillPlaceholders('TTL x + {{ ttl_days }} {{unit}}', { ttl_days: 90, unit: 'DAY' }, 'f.sql')).toBe(
      'TTL x + 90 DAY',
    );
  });

  it('names the one that has no value, and refuses a value that is SQL', () => {
    expect(() => fillPlaceholders('{{ttl}}', {}, '0002_a.sql')).toThrow(
      'Migration 0002_a.sql needs a value for {{ttl}}',
    );
    expect(() => fillPlaceholders('{{toString}}', {}, 'f.sql')).toThrow('needs a value for {{toString}}');
    expect(() => fillPlaceholders('{{ttl}}', { ttl: '1; DROP TABLE x' }, 'f.sql')).toThrow('plain word');
  });
});

// docs/detection.md's table of expected delays is what the formulas give.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { theoryTable } from './theory.ts';

describe('docs/detection.md', () => {
  it.each([1, 0.01])('has the delays that theory gives at %d false alarms a worker-year', async (stated) => {
    const text = await readFile(new URL('../../../../docs/detection.md', import.meta.url), 'utf8');
    // Rows alone: prettier decides on the width of columns.
    const rows = (markdown: string): string[] =>
      markdown.split('\n').map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .join('|'),
      );
    const [, , ...table] = rows(theoryTable(stated));
    for (const row of table) expect(rows(text)).toContain(row);
  });
});

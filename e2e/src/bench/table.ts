// Rows as a table for people; also what BENCHMARKS.md shows.
import type { BenchRow } from './bench-row.ts';

const HEAD = ['benchmark', 'unit', 'value', 'baseline', 'its value', 'ratio', 'spread'];

/** Three significant digits, and no fewer than a whole number needs. */
function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01)));
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

/** A Markdown table, its columns aligned. */
export function table(rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, unit, value, baseline, baselineValue, ratio, spread }) => [
    name,
    unit,
    figure(value),
    baseline,
    figure(baselineValue),
    figure(ratio),
    spread ?? '',
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(HEAD), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n');
}

// Delays of ours and of every usual rule as one Markdown table: what BENCHMARKS.md shows of them.
import type { Delay } from './delays.ts';

interface NamedDelay {
  readonly name: string;
  readonly delay: Delay;
}

/** One fault at one share rate. */
export interface DelayLine {
  readonly name: string;
  readonly sharesPerMinute: number;
  readonly ours: Delay;
  /** Each usual rule at its usual threshold, and at the one at which it alarms as often as ours states. */
  readonly usual: readonly { readonly asUsual: NamedDelay; readonly tuned: NamedDelay }[];
}

/** Median and 90 % quantile in minutes, with the rule's name where lines differ in it. `never` is: not by half of the workers within a week. */
export function delayTable(lines: readonly DelayLine[]): string {
  const width = Math.max(...lines.map(({ usual }) => usual.length));
  const head = ['fault', 'shares a minute', 'ours'];
  for (let i = 1; i <= width; i++) head.push(`usual rule ${i}`, `tuned`);
  const body = lines.map(({ name, sharesPerMinute, ours, usual }) => {
    const cells = [name, String(sharesPerMinute), delayText(ours)];
    for (let i = 0; i < width; i++) {
      const rule = usual[i];
      cells.push(rule === undefined ? '' : namedText(rule.asUsual), rule === undefined ? '' : namedText(rule.tuned));
    }
    return cells;
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

const namedText = ({ name, delay }: NamedDelay): string => `${delayText(delay)}: ${name}`;

function delayText({ median, p90 }: Delay): string {
  const text = (minutes: number): string => (minutes === Infinity ? 'never' : String(minutes));
  return `${text(median)} / ${text(p90)}`;
}

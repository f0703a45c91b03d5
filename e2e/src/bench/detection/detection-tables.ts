// What BENCHMARKS.md shows of detection, as Markdown: how often each rule finds nothing, and how soon it finds a fault.
import type { Delay } from './delays.ts';
import type { AlarmRate, HealthyYears, UsualAlarms } from './false-alarms.ts';

/** One fault at one share rate. */
export interface DelayLine {
  readonly name: string;
  readonly sharesPerMinute: number;
  readonly ours: Delay;
  /** Each usual rule at its usual threshold, and at the one at which it alarms as often as ours states. */
  readonly usual: readonly { readonly alarms: UsualAlarms; readonly asUsual: Delay; readonly tuned: Delay }[];
}

export interface HealthyLine {
  readonly pace: number;
  readonly years: HealthyYears;
}

/** False alarms a worker-year by rule and share rate; of a usual rule also as what it must be set to for one a year. */
export function alarmTable(lines: readonly HealthyLine[]): string {
  const head = ['rule', ...lines.map(({ pace }) => `${pace} shares a minute`)];
  const ours = (name: string, of: (years: HealthyYears) => AlarmRate): string[] => [
    name,
    ...lines.map(({ years }) => perYear(of(years))),
  ];
  const usual = allUsual(lines[0]!.years).map((first, i) => [
    `usual: ${nameOf(first)}`,
    ...lines.map(({ years }) => {
      const { rule, asUsual, tunedThreshold } = allUsual(years)[i]!;
      return `${perYear(asUsual)}; 1 at ${rule.setting(tunedThreshold)}`;
    }),
  ]);
  return markdown(head, [
    ours('rate', ({ rate }) => rate),
    ours('rejected', ({ rejected }) => rejected),
    ours('offline', ({ offline }) => offline),
    ...usual,
  ]);
}

/** Median / 90 % quantile in minutes, a table for each set of rules that were compared. `never` is: not within a week. */
export function delayTables(lines: readonly DelayLine[]): string {
  const bySet = new Map<string, DelayLine[]>();
  for (const line of lines) {
    const set = line.usual.map(({ alarms }) => nameOf(alarms)).join();
    bySet.set(set, [...(bySet.get(set) ?? []), line]);
  }
  const tables = [...bySet.values()].map((same) => {
    const head = ['fault', 'shares a minute', 'ours'];
    for (const { alarms } of same[0]!.usual) head.push(nameOf(alarms), 'tuned');
    const rows = same.map(({ name, sharesPerMinute, ours, usual }) => [
      name,
      String(sharesPerMinute),
      delayText(ours),
      ...usual.flatMap(({ asUsual, tuned }) => [delayText(asUsual), delayText(tuned)]),
    ]);
    return markdown(head, rows);
  });
  return tables.join('\n\n');
}

const allUsual = ({ usual, usualRejected }: HealthyYears): UsualAlarms[] => [...usual, usualRejected];
const nameOf = ({ rule }: UsualAlarms): string => rule.name(rule.threshold);

function perYear({ perYear: rate, low, high }: AlarmRate): string {
  if (rate >= 100) return Math.round(rate).toLocaleString('en-US');
  return `${rate.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function delayText({ median, p90 }: Delay): string {
  const text = (minutes: number): string => (minutes === Infinity ? 'never' : minutes.toLocaleString('en-US'));
  return `${text(median)} / ${text(p90)}`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

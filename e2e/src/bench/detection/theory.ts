// What theory allows: no rule that alarms once in a mean time T on healthy workers finds a change sooner, in the worst case and as T
// grows, than ln T over the information a minute holds (Lorden 1971).
import { alarmThreshold, BANK_FACTORS, informationWhenLow, meanSharesToDetection } from '@assay/detection';
import { assert } from '@assay/kernel';
import { MINUTES_PER_YEAR } from './false-alarms.ts';

/** Minutes until a loss to `fraction` can be found at one false alarm a worker-year. */
export function lordensDelayMinutes(sharesPerMinute: number, fraction: number): number {
  return Math.log(MINUTES_PER_YEAR) / (sharesPerMinute * informationWhenLow(fraction));
}

/** Share rates and losses of docs/detection.md's table. */
const PACES = [1, 2, 6, 10, 20, 30, 60];

/** The rate rule's mean minutes until it finds a loss to `fraction`, one of its factors, that begins when nothing was suspected. */
export function meanDelayMinutes(sharesPerMinute: number, fraction: number, falseAlarmsPerWorkerYear: number): number {
  const part = BANK_FACTORS.find(({ factor }) => factor === fraction)?.part;
  assert(part !== undefined, `${fraction} is none of the bank's factors`);
  const threshold = alarmThreshold(fraction, (sharesPerMinute * MINUTES_PER_YEAR) / (falseAlarmsPerWorkerYear * part));
  return meanSharesToDetection(fraction, threshold) / sharesPerMinute;
}

/** The Markdown table of expected delays: a row for each share rate, a column for each loss. */
export function theoryTable(falseAlarmsPerWorkerYear: number): string {
  const losses = BANK_FACTORS.map(({ factor }) => factor);
  const head = [
    'shares a minute',
    ...losses.map((factor) => (factor === 0 ? 'dead' : `-${Math.round(100 - 100 * factor)} %`)),
  ];
  const rows = PACES.map((pace) => [
    String(pace),
    ...losses.map((factor) => delayText(Math.ceil(meanDelayMinutes(pace, factor, falseAlarmsPerWorkerYear)))),
  ]);
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

function delayText(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1440).toFixed(1)} days`;
}

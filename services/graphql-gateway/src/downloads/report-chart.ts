// The chart of a report: mean hash rate of each day as a bar, its 95 % interval as a band over it, and what was expected as a line.
import type { DayFigures } from '@assay/settlement';
import { ACCENT, BAND, INK, LINE, MUTED, type Sheet } from './report-sheet.ts';
import { withPrefix } from './report-text.ts';

const HEIGHT = 120;
const AXIS = 62;

export function drawDays(sheet: Sheet, days: readonly DayFigures[]): void {
  sheet.need(HEIGHT + 34);
  const { doc, left, width } = sheet;
  const top = doc.y + 4;
  const bottom = top + HEIGHT;
  const rates = days.map(({ hashes, promisedHashes, span }) => {
    const seconds = span.untilSeconds - span.fromSeconds;
    return {
      value: hashes.value / seconds,
      low: hashes.low / seconds,
      high: hashes.high / seconds,
      expected: promisedHashes === undefined ? undefined : promisedHashes / seconds,
    };
  });
  const most = Math.max(...rates.map(({ high, expected = 0 }) => Math.max(high, expected))) * 1.05;
  if (!(most > 0)) return;
  const y = (rate: number): number => bottom - (rate / most) * HEIGHT;
  const step = (width - AXIS) / days.length;
  const x = (i: number): number => left + AXIS + i * step;

  for (const part of [0, 0.5, 1]) {
    const at = y(part * most);
    doc
      .moveTo(left + AXIS, at)
      .lineTo(left + width, at)
      .lineWidth(0.5)
      .strokeColor(LINE)
      .stroke();
    doc
      .font('regular')
      .fontSize(7)
      .fillColor(MUTED)
      .text(withPrefix(part * most, 'H/s'), left, at - 4, { width: AXIS - 6, align: 'right', lineBreak: false });
  }
  rates.forEach(({ value, low, high, expected }, i) => {
    const bar = Math.max(1, step - 3);
    doc.rect(x(i) + 1.5, y(high), bar, Math.max(0.6, y(low) - y(high))).fill(BAND);
    doc.rect(x(i) + 1.5, y(value) - 0.6, bar, 1.2).fill(ACCENT);
    if (expected !== undefined)
      doc
        .moveTo(x(i), y(expected))
        .lineTo(x(i) + step, y(expected))
        .lineWidth(0.8)
        .strokeColor(INK)
        .dash(2, { space: 2 })
        .stroke()
        .undash();
    if (days.length <= 16 || i % 3 === 0)
      doc
        .font('regular')
        .fontSize(6.5)
        .fillColor(MUTED)
        .text(days[i]!.date.slice(8), x(i), bottom + 3, { width: step, align: 'center', lineBreak: false });
  });
  doc.y = bottom + 14;
  sheet.text('Mean hash rate of each day: line, with its 95 % interval as a band. Dashed: expected.', {
    size: 7,
    gap: 8,
    colour: MUTED,
  });
}

// Figures of the report as people read them: three significant digits, as no estimate from shares carries more. The CSV has all digits.

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y', 'R', 'Q'] as const;

/** `104 TH/s`, `8.99 ZH` */
export function withPrefix(value: number, unit: string): string {
  let scale = 0;
  let scaled = Math.abs(value);
  for (; scaled >= 999.5 && scale < PREFIXES.length - 1; scaled /= 1000) scale++;
  return `${value < 0 ? '-' : ''}${threeDigits(scaled)} ${PREFIXES[scale]!}${unit}`;
}

function threeDigits(value: number): string {
  if (value === 0) return '0';
  if (value >= 99.95) return value.toFixed(0);
  if (value >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

/** Rounded, but a fault never away and a success never up: `<0.01 %`, `99.9 %`. */
export function percent(fraction: number | undefined, digits = 1): string {
  if (fraction === undefined) return '–';
  const least = 10 ** -digits;
  const value = fraction * 100;
  if (value > 0 && value < least) return `<${least.toFixed(digits)} %`;
  if (value < 100 && value >= 100 - least / 2) return `${(100 - least).toFixed(digits)} %`;
  return `${value.toFixed(digits)} %`;
}

/** Half the width of the interval, as part of the value: `±2.1 %`. */
export function spread({
  value,
  low,
  high,
}: {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}): string {
  if (!(value > 0)) return '–';
  return `±${(((high - low) / 2 / value) * 100).toFixed(1)} %`;
}

/** To the coin's smallest unit. */
export function coinText(coins: number | undefined): string {
  return coins === undefined ? '–' : coins.toFixed(8);
}

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function countText(count: number): string {
  return GROUPED.format(count);
}

export function reasonText(reason: string): string {
  return reason.replaceAll('_', ' ');
}

/** `2026-11-25 18:15 UTC` */
export function momentText(us: number): string {
  return `${new Date(us / 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What the report's font can show, from left to right: Latin, Greek, Cyrillic, Armenian, Georgian, and signs. */
const SHOWN = /[^\u0020-\u007E\u00A0-\u058F\u10A0-\u10FF\u1E00-\u1FFF\u2010-\u214F\u2190-\u22FF]/gu;

/** A name as it can be printed; the id beside it says whose it is where little of it can. */
export function printable(text: string): string {
  return text.replaceAll(SHOWN, '·');
}

// Counts and difficulties.

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SUFFIXES = ['', '\u00a0k', '\u00a0M', '\u00a0G', '\u00a0T', '\u00a0P', '\u00a0E'] as const;

/** `10,000` */
export function formatCount(count: number): string {
  return GROUPED.format(count);
}

/** `3 workers`, `1 worker` */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Difficulties run from 0.00001 (an ESP32) to 10^14 (the network): whole and grouped where that is short, else with a suffix. */
export function formatDifficulty(difficulty: number): string {
  if (difficulty === 0) return '0';
  if (difficulty < 1) return String(Number(difficulty.toPrecision(3)));
  if (difficulty < 1_000_000)
    return difficulty < 100 ? String(Number(difficulty.toFixed(2))) : GROUPED.format(difficulty);
  let scale = 0;
  let value = difficulty;
  for (; value >= 999.95 && scale < SUFFIXES.length - 1; value /= 1000) scale++;
  return `${value.toFixed(value < 99.95 ? 2 : 1)}${SUFFIXES[scale]!}`;
}

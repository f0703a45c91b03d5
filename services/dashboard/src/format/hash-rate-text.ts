// Hash rates as people type them, and back without loss.

const UNITS: readonly (readonly [string, number])[] = [
  ['EH/s', 1e18],
  ['PH/s', 1e15],
  ['TH/s', 1e12],
  ['GH/s', 1e9],
  ['MH/s', 1e6],
  ['kH/s', 1e3],
  ['H/s', 1],
];
const TEXT = /^(\d{1,18}(?:\.\d{1,12})?|\.\d{1,12})\s*([kKMGTPE]?)(?:[hH](?:\/s)?)?$/;

/** `110 TH/s`, `110T`, `1.5PH/s` as hashes per second; undefined when it is none of these, or not above 0. */
export function parseHashRate(text: string): number | undefined {
  const match = TEXT.exec(text.trim());
  if (match === null) return undefined;
  const prefix = match[2]!.replace('K', 'k');
  const scale = UNITS.find(([unit]) => unit === `${prefix}H/s`)![1];
  // As one number in scientific notation, so that 1.1 T is 1.1e12 to the last bit.
  const value = Number(`${match[1]}e${Math.round(Math.log10(scale))}`);
  return value > 0 ? value : undefined;
}

/** In the largest unit of which there is at least one, with every digit it has. */
export function formatExactHashRate(hashesPerSecond: number): string {
  const [unit, scale] = UNITS.find(([, size]) => hashesPerSecond >= size) ?? UNITS.at(-1)!;
  return `${Number((hashesPerSecond / scale).toPrecision(15))} ${unit}`;
}

// Exact sums of assigned difficulty. Difficulties are integers or multiples of 1e-8, so their sum is a decimal with eight
// digits that a double cannot hold for long: 0.1 + 0.2 already fails. The sum is kept in three limbs that each stay far below
// 2^53, where doubles add exactly: the part above 2^32, the integer part below it, and units of 1e-8.

export const WORK_SCALE = 8;
const UNITS_PER_ONE = 10 ** WORK_SCALE;
const LIMB = 2 ** 32;

/** Sums of work, one per row. Row i is `high[i] * 2^32 + whole[i] + units[i] * 1e-8`. */
export interface WorkColumns {
  readonly high: Float64Array;
  readonly whole: Float64Array;
  readonly units: Float64Array;
}

/** Adds one share's difficulty (finite, not negative) to a row; a difficulty finer than 1e-8 is rounded to it. */
export function addWork(columns: WorkColumns, row: number, difficulty: number): void {
  const integer = Math.floor(difficulty);
  const high = Math.floor(integer / LIMB);
  columns.high[row]! += high;
  columns.whole[row]! += integer - high * LIMB;
  if (difficulty !== integer) columns.units[row]! += Math.round((difficulty - integer) * UNITS_PER_ONE);
}

/** Adds another sum to a row and carries, so that limbs stay small however often sums are merged. */
export function mergeWork(into: WorkColumns, row: number, from: WorkColumns, fromRow: number): void {
  const units = into.units[row]! + from.units[fromRow]!;
  const unitsCarry = Math.floor(units / UNITS_PER_ONE);
  const whole = into.whole[row]! + from.whole[fromRow]! + unitsCarry;
  const wholeCarry = Math.floor(whole / LIMB);
  into.units[row] = units - unitsCarry * UNITS_PER_ONE;
  into.whole[row] = whole - wholeCarry * LIMB;
  into.high[row]! += from.high[fromRow]! + wholeCarry;
}

/** The sum in units of 1e-8, exact: what a ClickHouse Decimal(38, 8) stores. */
export function workUnits(columns: WorkColumns, row: number): bigint {
  const integer = BigInt(columns.high[row]!) * BigInt(LIMB) + BigInt(columns.whole[row]!);
  return integer * BigInt(UNITS_PER_ONE) + BigInt(columns.units[row]!);
}

/** The sum as a double, for estimates. */
export function workNumber(columns: WorkColumns, row: number): number {
  return columns.high[row]! * LIMB + columns.whole[row]! + columns.units[row]! / UNITS_PER_ONE;
}

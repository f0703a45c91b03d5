// ClickHouse as the aggregator relies on it, in memory: tables of rows, one Arrow stream an insert, all or nothing, and a token
// that was taken is not taken again. It fails on purpose, before or after an insert took effect, as the seed decides.
import { AnalyticsError } from '@assay/analytics';
import type { AnalyticsStore } from '@assay/analytics';
import type { Random } from '@assay/kernel';
import type { VirtualTime } from '@assay/sim';
import { DataType, tableFromIPC } from 'apache-arrow';
import type { Vector } from 'apache-arrow';

export type ModelRow = Readonly<Record<string, unknown>>;

/** As set on every table (`non_replicated_deduplication_window`). */
const WINDOW = 10_000;

export class ModelStore implements Pick<AnalyticsStore, 'insertArrow'> {
  /** Inserts that a token kept from happening twice. */
  deduplicated = 0;
  failures = 0;
  /** Chance of an insert to fail, and of a failed one to have taken effect. */
  failing = 0;
  readonly #tables = new Map<string, ModelRow[]>();
  readonly #tokens = new Map<string, Set<string>>();
  readonly #random: Random;
  readonly #time: VirtualTime;

  constructor(random: Random, time: VirtualTime) {
    this.#random = random;
    this.#time = time;
  }

  rows(table: string): readonly ModelRow[] {
    return this.#tables.get(table) ?? [];
  }

  async insertArrow(
    table: string,
    stream: Uint8Array,
    { deduplicationToken }: { deduplicationToken: string },
  ): Promise<void> {
    await this.#time.pause(this.#random.exponential(30));
    const fails = this.#random.chance(this.failing);
    if (!fails || this.#random.chance(0.5)) this.#insert(table, stream, deduplicationToken);
    await this.#time.pause(this.#random.exponential(5));
    if (!fails) return;
    this.failures++;
    throw new AnalyticsError('unavailable', 'simulated: the connection broke', { retriable: true });
  }

  #insert(table: string, stream: Uint8Array, token: string): void {
    const tokens = this.#tokens.get(table) ?? new Set();
    this.#tokens.set(table, tokens);
    if (tokens.has(token)) {
      this.deduplicated++;
      return;
    }
    tokens.add(token);
    if (tokens.size > WINDOW) tokens.delete(tokens.values().next().value!);
    const rows = this.#tables.get(table) ?? [];
    this.#tables.set(table, rows);
    rows.push(...rowsOf(stream));
  }
}

/** Rows of an Arrow stream; times as numbers in their own unit, decimals as bigints in theirs, other 64-bit integers as bigints. */
function rowsOf(stream: Uint8Array): ModelRow[] {
  const table = tableFromIPC(stream);
  const columns = table.schema.fields.map(({ name }) => [name, reader(table.getChild(name)!)] as const);
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(columns.map(([name, read]) => [name, read(row)])),
  );
}

function reader(column: Vector): (row: number) => unknown {
  const { type } = column;
  const values = column.data[0]!.values as { readonly [row: number]: unknown };
  if (DataType.isTimestamp(type)) return (row) => (column.isValid(row) ? Number(values[row]) : null);
  if (DataType.isDecimal(type)) {
    const words = values as Uint32Array;
    return (row) => [3, 2, 1, 0].reduce((sum, word) => (sum << 32n) | BigInt(words[4 * row + word]!), 0n);
  }
  return (row) => column.get(row);
}

// Names of workers, sorted in slices. From one picture to the next nearly all stay, so that only newcomers have to be sorted.
import type { Slices } from '../slices.ts';
import type { WorkerFacts } from './worker-facts.ts';

/** Sorted in one go: about 2 ms. */
const SORTED_AT_ONCE = 2_000;

interface NamedWorkers {
  /** By name, ascending. */
  readonly workers: readonly WorkerFacts[];
  readonly byName: ReadonlyMap<string, WorkerFacts>;
}

/** @param before a picture in which most of them stood */
export async function inNameOrder(
  names: ReadonlyMap<string, unknown>,
  before: NamedWorkers | undefined,
  slices: Slices,
): Promise<readonly string[]> {
  const stayed: string[] = [];
  for (const { worker } of before?.workers ?? []) {
    if (names.has(worker)) stayed.push(worker);
    if (slices.isOver()) await slices.next();
  }
  if (stayed.length === names.size) return stayed;
  const newcomers: string[] = [];
  for (const name of names.keys()) {
    if (!before?.byName.has(name)) newcomers.push(name);
    if (slices.isOver()) await slices.next();
  }
  return merged(stayed, await sorted(newcomers, slices), slices);
}

async function sorted(names: readonly string[], slices: Slices): Promise<readonly string[]> {
  if (names.length <= SORTED_AT_ONCE) return [...names].sort();
  await slices.next();
  const middle = names.length >>> 1;
  const first = await sorted(names.slice(0, middle), slices);
  return merged(first, await sorted(names.slice(middle), slices), slices);
}

async function merged(a: readonly string[], b: readonly string[], slices: Slices): Promise<readonly string[]> {
  const all: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const takesFirst = j === b.length || (i < a.length && a[i]! < b[j]!);
    all.push(takesFirst ? a[i++]! : b[j++]!);
    if (slices.isOver()) await slices.next();
  }
  return all;
}

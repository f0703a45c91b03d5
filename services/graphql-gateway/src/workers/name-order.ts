// Workers by name, sorted in slices. From one picture to the next nearly all stay, so that only newcomers have to be sorted.
import type { Slices } from '../slices.ts';
import type { WorkerFacts } from './worker-facts.ts';

type Workers = readonly WorkerFacts[];

/** Sorted in one go: about 2 ms. */
const SORTED_AT_ONCE = 2_000;

export interface NamedWorkers {
  /** By name, ascending. */
  readonly workers: Workers;
  readonly byName: ReadonlyMap<string, WorkerFacts>;
}

/** @param before a picture in which most of them stood */
export async function inNameOrder(
  byName: ReadonlyMap<string, WorkerFacts>,
  before: NamedWorkers | undefined,
  slices: Slices,
): Promise<Workers> {
  const stayed: WorkerFacts[] = [];
  for (const { worker } of before?.workers ?? []) {
    const facts = byName.get(worker);
    if (facts !== undefined) stayed.push(facts);
    if (slices.isOver()) await slices.next();
  }
  if (stayed.length === byName.size) return stayed;
  const newcomers: WorkerFacts[] = [];
  for (const facts of byName.values()) {
    if (!before?.byName.has(facts.worker)) newcomers.push(facts);
    if (slices.isOver()) await slices.next();
  }
  return merged(stayed, await sorted(newcomers, slices), slices);
}

async function sorted(workers: WorkerFacts[], slices: Slices): Promise<Workers> {
  if (workers.length <= SORTED_AT_ONCE) return workers.sort((a, b) => (a.worker < b.worker ? -1 : 1));
  await slices.next();
  const middle = workers.length >>> 1;
  const first = await sorted(workers.slice(0, middle), slices);
  return merged(first, await sorted(workers.slice(middle), slices), slices);
}

async function merged(a: Workers, b: Workers, slices: Slices): Promise<Workers> {
  if (a.length === 0) return b;
  const all: WorkerFacts[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const takesFirst = j === b.length || (i < a.length && a[i]!.worker < b[j]!.worker);
    all.push(takesFirst ? a[i++]! : b[j++]!);
    if (slices.isOver()) await slices.next();
  }
  return all;
}

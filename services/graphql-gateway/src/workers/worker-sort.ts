// The total order of a worker list: by the sort field's value, workers without one last in either direction, then by name.
import { contributionIn, type WorkerFacts } from './worker-facts.ts';

export type WorkerSortField =
  'NAME' | 'HASH_RATE' | 'UPTIME' | 'INVALID' | 'CONTRIBUTION' | 'LAST_SHARE' | 'DIFFICULTY';

export interface WorkerSort {
  readonly field: WorkerSortField;
  readonly direction: 'ASC' | 'DESC';
}

/** Where an entry stands: its sort value (null sorts last; always null for NAME) and its name. */
export interface Place {
  readonly value: number | null;
  readonly key: string;
}

/** History the store must be asked for before sorting: of the fields that need any. */
export interface SortHistory {
  readonly uptime: (worker: string) => number | undefined;
  readonly invalidFraction: (worker: string) => number | undefined;
}

export function sortValue(worker: WorkerFacts, field: WorkerSortField, history: Partial<SortHistory>): number | null {
  switch (field) {
    case 'NAME':
      return null;
    case 'HASH_RATE':
      return worker.rates?.['15m']?.hashRateHs ?? null;
    case 'CONTRIBUTION':
      return contributionIn(worker, '1h')?.fraction ?? null;
    case 'LAST_SHARE':
      return worker.lastShareAtUs ?? null;
    case 'DIFFICULTY':
      return worker.difficulty;
    case 'UPTIME':
      return history.uptime?.(worker.worker) ?? null;
    case 'INVALID':
      return history.invalidFraction?.(worker.worker) ?? null;
  }
}

/** Negative when `a` comes first. Names are compared by code unit, and follow the direction only when they are the sort field. */
export function comparePlaces({ field, direction }: WorkerSort): (a: Place, b: Place) => number {
  const sign = direction === 'DESC' ? -1 : 1;
  const nameSign = field === 'NAME' ? sign : 1;
  return (a, b) => {
    if (a.value !== b.value) {
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return a.value < b.value ? -sign : sign;
    }
    return a.key === b.key ? 0 : a.key < b.key ? -nameSign : nameSign;
  };
}

export function orderName({ field, direction }: WorkerSort): string {
  return `${field}:${direction}`;
}

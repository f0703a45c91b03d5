// Which workers a filter lets through.
import type { Algorithm } from '@assay/mining';
import type { WorkerFacts, WorkerStatus } from './worker-facts.ts';

/** A field left out lets everything through. */
export interface WorkerFilter {
  readonly tenant?: string;
  readonly site?: string;
  readonly search?: string;
  readonly status?: readonly WorkerStatus[];
  readonly algorithm?: Algorithm;
}

/** A filter as clients send it: a field given as null, or the whole filter, is as good as left out. */
export type WorkerFilterInput =
  { readonly [Field in keyof WorkerFilter]?: WorkerFilter[Field] | null } | null | undefined;

export function workerFilter(input: WorkerFilterInput): WorkerFilter {
  return Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== null));
}

export function filterWorkers(workers: readonly WorkerFacts[], filter: WorkerFilter): readonly WorkerFacts[] {
  const { tenant, site, search = '', status, algorithm } = filter;
  if (tenant === undefined && site === undefined && search === '' && status === undefined && algorithm === undefined)
    return workers;
  const part = search.toLowerCase();
  return workers.filter(
    (worker) =>
      (tenant === undefined || worker.tenant === tenant) &&
      (site === undefined || worker.site === site) &&
      (algorithm === undefined || worker.algorithm === algorithm) &&
      (status === undefined || status.includes(worker.status)) &&
      (part === '' || worker.worker.toLowerCase().includes(part)),
  );
}

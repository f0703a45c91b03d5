// Which workers a filter lets through.
import type { Algorithm } from '@assay/mining';
import type { WorkerFacts, WorkerStatus } from './worker-facts.ts';

/** A field left out or null lets everything through. */
export interface WorkerFilter {
  readonly tenant?: string | null;
  readonly site?: string | null;
  readonly search?: string | null;
  readonly status?: readonly WorkerStatus[] | null;
  readonly algorithm?: Algorithm | null;
}

export function filterWorkers(workers: readonly WorkerFacts[], filter: WorkerFilter): readonly WorkerFacts[] {
  const { tenant, site, search, status, algorithm } = filter;
  const part = search?.toLowerCase() ?? '';
  if (tenant == null && site == null && part === '' && status == null && algorithm == null) return workers;
  return workers.filter(
    (worker) =>
      (tenant == null || worker.tenant === tenant) &&
      (site == null || worker.site === site) &&
      (algorithm == null || worker.algorithm === algorithm) &&
      (status == null || status.includes(worker.status)) &&
      (part === '' || worker.worker.toLowerCase().includes(part)),
  );
}

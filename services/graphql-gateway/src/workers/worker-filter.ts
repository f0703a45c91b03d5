// Which workers a filter lets through.
import type { Algorithm } from '@assay/mining';
import type { Rack } from './racks.ts';
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
  return letsAll(filter) ? workers : workers.filter(letsWorker(filter));
}

/** The same of whole racks; one of which all machines are let through is the same rack, added up already. */
export function filterRacks(racks: readonly Rack[], filter: WorkerFilter): readonly Rack[] {
  if (letsAll(filter)) return racks;
  const { tenant, site, ...rest } = filter;
  const { status, algorithm } = rest;
  const lets = letsWorker(filter);
  const isByPlace = letsAll(rest);
  return racks.flatMap((rack) => {
    if (tenant !== undefined && rack.place.tenant !== tenant) return [];
    if (site !== undefined && rack.isOfOneSite && rack.place.site !== site) return [];
    if (isByPlace && (site === undefined || rack.isOfOneSite)) return rack;
    if (algorithm !== undefined && rack.countOf(algorithm) === 0) return [];
    if (status !== undefined && status.every((one) => rack.count(one) === 0)) return [];
    return rack.only(lets) ?? [];
  });
}

function letsAll({ tenant, site, search = '', status, algorithm }: WorkerFilter): boolean {
  return [tenant, site, status, algorithm].every((given) => given === undefined) && search === '';
}

function letsWorker({ tenant, site, search = '', status, algorithm }: WorkerFilter): (worker: WorkerFacts) => boolean {
  const part = search.toLowerCase();
  return (worker) =>
    (tenant === undefined || worker.tenant === tenant) &&
    (site === undefined || worker.site === site) &&
    (algorithm === undefined || worker.algorithm === algorithm) &&
    (status === undefined || status.includes(worker.status)) &&
    (part === '' || worker.worker.toLowerCase().includes(part));
}

// A picture of the fleet by rack. Made once per picture, and per part of it that somebody sees, however many ask within its second.
import type { FleetSnapshot } from './fleet-view.ts';
import type { WorkerFacts } from './worker-facts.ts';

export interface Rack {
  readonly tenant: string;
  /** Empty where the name has no site. */
  readonly site: string;
  /** All of the name between site and machine; empty where there is nothing. */
  readonly rack: string;
  /** By name, ascending. */
  readonly workers: readonly WorkerFacts[];
}

const racksOfPicture = new WeakMap<FleetSnapshot, readonly Rack[]>();

export function racksOf(snapshot: FleetSnapshot): readonly Rack[] {
  let racks = racksOfPicture.get(snapshot);
  if (racks === undefined) racksOfPicture.set(snapshot, (racks = byRack(snapshot.workers)));
  return racks;
}

/** @param workers by name, so that the machines of a rack mostly follow each other: its key is looked up only where it changes */
export function byRack(workers: readonly WorkerFacts[]): readonly Rack[] {
  const racks = new Map<string, Rack & { readonly workers: WorkerFacts[] }>();
  let key: string | undefined;
  let rack: (Rack & { readonly workers: WorkerFacts[] }) | undefined;
  for (const facts of workers) {
    const ownKey = facts.worker.slice(0, Math.max(facts.worker.lastIndexOf('.'), 0));
    if (rack === undefined || ownKey !== key) {
      key = ownKey;
      rack = racks.get(key);
      if (rack === undefined) racks.set(key, (rack = { ...placeOfRack(facts.tenant, key), workers: [] }));
    }
    rack.workers.push(facts);
  }
  return [...racks.values()];
}

function placeOfRack(tenant: string, key: string): Omit<Rack, 'workers'> {
  const path = key.slice(tenant.length + 1);
  const dot = path.indexOf('.');
  return dot === -1
    ? { tenant, site: path, rack: '' }
    : { tenant, site: path.slice(0, dot), rack: path.slice(dot + 1) };
}

/** What the machine is called within its rack. */
export function machineName({ worker }: WorkerFacts): string {
  return worker.slice(worker.lastIndexOf('.') + 1);
}

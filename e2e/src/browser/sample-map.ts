// The sample fleet by rack, as the gateway's fleetMap gives it.
import type { SampleWorker } from './sample-fleet.ts';

export interface MapArguments {
  readonly filter?: object;
  readonly rack?: string | null;
}

const MAX_MACHINES = 12_000;
const LETTERS = { ONLINE: 'O', SILENT: 'S', OFFLINE: 'X' };

export function fleetMapAnswer(workers: readonly SampleWorker[], { rack }: MapArguments): object {
  const racks = new Map<string, SampleWorker[]>();
  for (const worker of workers) {
    const key = worker.name.slice(0, worker.name.lastIndexOf('.'));
    if (typeof rack === 'string' && !key.endsWith(`.${rack}`)) continue;
    const known = racks.get(key);
    if (known) known.push(worker);
    else racks.set(key, [worker]);
  }
  const all = [...racks.values()];
  const count = all.reduce((sum, machines) => sum + machines.length, 0);
  return { workers: count, rackCount: all.length, racks: all.map((machines) => rackAnswer(machines, count)) };
}

function rackAnswer(machines: readonly SampleWorker[], count: number): object {
  const { name, tenant, site } = machines[0]!;
  const isListed = count <= MAX_MACHINES;
  const having = (status: SampleWorker['status']): number =>
    machines.filter((machine) => machine.status === status).length;
  const values = ({ of }: { of: string }): (number | null)[] => machines.map((machine) => valueOf(machine, of));
  const known = (of: string): number[] => values({ of }).filter((value) => value !== null);
  return {
    tenant,
    site,
    rack: name.slice(tenant.length + site.length + 2, name.lastIndexOf('.')),
    workers: machines.length,
    online: having('ONLINE'),
    silent: having('SILENT'),
    offline: having('OFFLINE'),
    value: ({ of }: { of: string }) =>
      known(of).length === 0 ? null : known(of).reduce((sum, value) => sum + value, 0) / known(of).length,
    machines: isListed ? machines.map((machine) => machine.name.slice(machine.name.lastIndexOf('.') + 1)) : null,
    statuses: isListed ? machines.map(({ status }) => LETTERS[status]).join('') : null,
    values: isListed ? values : null,
  };
}

function valueOf({ hashRate, expected, invalidFraction }: SampleWorker, of: string): number | null {
  if (of === 'INVALID') return invalidFraction;
  return expected === null ? null : hashRate / expected;
}

// The fleet by rack, in arrays of one small value per machine. It is made of what the viewer sees of the picture of this second; the shares of
// the last day are those that are kept for every list.
import { invalidFraction } from '../../queries/share-counts.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Moment } from '../../operation/moment.ts';
import { byRack, machineName, racksOf, type Rack } from '../../workers/racks.ts';
import { contributionIn, type WorkerFacts, type WorkerStatus } from '../../workers/worker-facts.ts';
import { filterWorkers, workerFilter, type WorkerFilterInput } from '../../workers/worker-filter.ts';

/** Machines that are listed one by one: 10,000 are to be readable, and their answer is about 300 KB. */
export const MAX_MACHINES = 12_000;
/** 100,000 machines at 20 in a rack. */
export const MAX_RACKS = 5_000;

type Value = 'CONTRIBUTION' | 'INVALID';

interface FleetMapArguments {
  readonly filter?: WorkerFilterInput;
  readonly rack?: string | null;
}

interface RackSource extends Rack {
  readonly moment: Moment;
  readonly isListed: boolean;
}

const LETTERS: Readonly<Record<WorkerStatus, string>> = { ONLINE: 'O', SILENT: 'S', OFFLINE: 'X' };
const WINDOW = '1h';

export const fleetMapQueries = {
  fleetMap: async (_root: unknown, { filter: input, rack }: FleetMapArguments, { moment }: OperationContext) => {
    const snapshot = await moment.snapshot();
    const workers = filterWorkers(snapshot.workers, workerFilter(input));
    const all = workers === snapshot.workers ? racksOf(snapshot) : byRack(workers);
    const racks = typeof rack === 'string' ? all.filter((each) => each.rack === rack) : all;
    const count = racks.reduce((sum, each) => sum + each.workers.length, 0);
    const isListed = count <= MAX_MACHINES;
    return {
      workers: count,
      rackCount: racks.length,
      racks: racks.slice(0, MAX_RACKS).map((each) => ({ ...each, moment, isListed }) satisfies RackSource),
    };
  },
};

export const fleetMapRackResolvers = {
  workers: ({ workers }: RackSource) => workers.length,
  online: (rack: RackSource) => count(rack, 'ONLINE'),
  silent: (rack: RackSource) => count(rack, 'SILENT'),
  offline: (rack: RackSource) => count(rack, 'OFFLINE'),

  value: async ({ workers, moment }: RackSource, { of }: { of: Value }) => {
    if (of === 'CONTRIBUTION') return threeDigits(contributionOf(workers));
    return threeDigits(invalidFraction(await moment.dayShareCounts(workers)));
  },

  machines: ({ workers, isListed }: RackSource) => (isListed ? workers.map(machineName) : null),
  statuses: ({ workers, isListed }: RackSource) =>
    isListed ? workers.map(({ status }) => LETTERS[status]).join('') : null,

  values: async ({ workers, moment, isListed }: RackSource, { of }: { of: Value }) => {
    if (!isListed) return null;
    if (of === 'CONTRIBUTION') return workers.map((facts) => threeDigits(contributionIn(facts, WINDOW)?.fraction));
    const { invalidFraction: fractionOf } = await moment.sortHistory('INVALID');
    return workers.map(({ worker }) => threeDigits(fractionOf?.(worker)));
  },
};

function count({ workers }: RackSource, status: WorkerStatus): number {
  return workers.reduce((sum, facts) => sum + (facts.status === status ? 1 : 0), 0);
}

/** Of those machines together that something is expected of. */
function contributionOf(workers: readonly WorkerFacts[]): number | undefined {
  let rateHs = 0;
  let expectedHs = 0;
  for (const { rates, expectedHashRateHs } of workers) {
    const rate = rates?.[WINDOW];
    if (rate === undefined || expectedHashRateHs === undefined) continue;
    rateHs += rate.hashRateHs;
    expectedHs += expectedHashRateHs;
  }
  return expectedHs > 0 ? rateHs / expectedHs : undefined;
}

function threeDigits(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value * 1000) / 1000;
}

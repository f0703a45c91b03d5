// The fleet by rack, in arrays of one small value per machine. It is made of what the viewer sees of the picture of this second; the shares of
// the last day are those that are kept for every list.
import { invalidFraction, NO_SHARES, type ShareCounts } from '../../queries/share-counts.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Moment } from '../../operation/moment.ts';
import { countOfWorkers, machineName, type Rack } from '../../workers/racks.ts';
import { contributionIn, type WorkerFacts, type WorkerStatus } from '../../workers/worker-facts.ts';
import { filterRacks, workerFilter, type WorkerFilterInput } from '../../workers/worker-filter.ts';

/** Machines that are listed one by one: 10,000 are to be readable, and their answer is about 300 KB. */
export const MAX_MACHINES = 12_000;
/** 100,000 machines at 20 in a rack. */
export const MAX_RACKS = 5_000;

type Value = 'CONTRIBUTION' | 'INVALID';

interface FleetMapArguments {
  readonly filter?: WorkerFilterInput;
  readonly rack?: string | null;
}

interface RackSource {
  readonly rack: Rack;
  readonly moment: Moment;
  /** Of all racks of the map, asked for once. */
  readonly shares: () => Promise<ReadonlyMap<Rack, ShareCounts>>;
  readonly isListed: boolean;
}

const LETTERS: Readonly<Record<WorkerStatus, string>> = { ONLINE: 'O', SILENT: 'S', OFFLINE: 'X' };
const WINDOW = '1h';

export const fleetMapQueries = {
  fleetMap: async (_root: unknown, { filter: input, rack }: FleetMapArguments, { moment }: OperationContext) => {
    const all = filterRacks((await moment.snapshot()).racks, workerFilter(input));
    const racks = typeof rack === 'string' ? all.filter(({ place }) => place.rack === rack) : all;
    const count = countOfWorkers(racks);
    const isListed = count <= MAX_MACHINES;
    const shown = racks.slice(0, MAX_RACKS);
    let counts: Promise<ReadonlyMap<Rack, ShareCounts>> | undefined;
    const shares = () => (counts ??= moment.dayShareCountsByRack(shown));
    return {
      workers: count,
      rackCount: racks.length,
      racks: shown.map((each) => ({ rack: each, moment, shares, isListed }) satisfies RackSource),
    };
  },
};

export const fleetMapRackResolvers = {
  tenant: ({ rack }: RackSource) => rack.place.tenant,
  site: ({ rack }: RackSource) => rack.place.site,
  rack: ({ rack }: RackSource) => rack.place.rack,
  workers: ({ rack }: RackSource) => rack.workers.length,
  online: ({ rack }: RackSource) => rack.count('ONLINE'),
  silent: ({ rack }: RackSource) => rack.count('SILENT'),
  offline: ({ rack }: RackSource) => rack.count('OFFLINE'),

  value: ({ rack, shares }: RackSource, { of }: { of: Value }) =>
    of === 'CONTRIBUTION' ? threeDigits(contributionOf(rack.workers)) : invalidOf(rack, shares),

  machines: ({ rack, isListed }: RackSource) => (isListed ? rack.workers.map(machineName) : null),
  statuses: ({ rack, isListed }: RackSource) =>
    isListed ? rack.workers.map(({ status }) => LETTERS[status]).join('') : null,

  values: ({ rack, moment, isListed }: RackSource, { of }: { of: Value }) => {
    if (!isListed) return null;
    return of === 'CONTRIBUTION'
      ? rack.workers.map((facts) => threeDigits(contributionIn(facts, WINDOW)?.fraction))
      : invalidOfEach(rack, moment);
  },
};

async function invalidOf(rack: Rack, shares: RackSource['shares']): Promise<number | null> {
  return threeDigits(invalidFraction((await shares()).get(rack) ?? NO_SHARES));
}

async function invalidOfEach({ workers }: Rack, moment: Moment): Promise<(number | null)[]> {
  const { invalidFraction: fractionOf } = await moment.sortHistory('INVALID');
  return workers.map(({ worker }) => threeDigits(fractionOf?.(worker)));
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

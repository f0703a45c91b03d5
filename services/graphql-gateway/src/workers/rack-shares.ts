// Shares of the machines of a rack over the last day, added up once for each picture of the fleet and each answer that is kept of the day. A rack
// that somebody sees in part is another one, with sums of its own.
import { NO_SHARES, sumShares, type ShareCounts } from '../queries/share-counts.ts';
import type { Rack } from './racks.ts';

type Counts = ReadonlyMap<string, ShareCounts>;

/** They go with the racks and the counts they are of. */
const sharesOf = new WeakMap<Counts, WeakMap<Rack, ShareCounts>>();

/** @param counts by worker */
export function rackShares(rack: Rack, counts: Counts): ShareCounts {
  let shares = sharesOf.get(counts);
  if (shares === undefined) sharesOf.set(counts, (shares = new WeakMap<Rack, ShareCounts>()));
  let sum = shares.get(rack);
  if (sum === undefined)
    shares.set(rack, (sum = sumShares(rack.workers.map(({ worker }) => counts.get(worker) ?? NO_SHARES))));
  return sum;
}

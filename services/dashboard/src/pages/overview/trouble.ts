// Which machines need somebody, why, and in which order: silent before offline before slow before rejecting, and no machine twice.
import { isLow } from '../../components/contribution.ts';
import { isFaulty } from '../../components/invalid.ts';
import type { RejectingWorker, TroubledLists, TroubledWorker } from './overview-documents.ts';

interface Group<Kind extends string, Worker> {
  readonly kind: Kind;
  /** How many machines there are of this kind; when `atLeast`, there may be more than were looked at. */
  readonly count: number;
  readonly atLeast: boolean;
  readonly workers: readonly Worker[];
}

export type TroubleGroup = Group<'silent' | 'offline' | 'low', TroubledWorker> | Group<'invalid', RejectingWorker>;
export type TroubleKind = TroubleGroup['kind'];

/** Below this many rejected shares a high fraction is chance. */
const REJECTED_FROM = 10;
const SHOWN = 5;

function isRejecting({ status, shares }: RejectingWorker): boolean {
  return status === 'ONLINE' && isFaulty(shares?.invalidFraction ?? null) && (shares?.rejected ?? 0) >= REJECTED_FROM;
}

interface LookedAt<Worker> {
  readonly totalCount: number;
  readonly nodes: readonly Worker[];
}

/** All that were looked at are of the kind, and there are more: nobody knows how many. */
function mayBeMore(found: readonly unknown[], { totalCount, nodes }: LookedAt<unknown>): boolean {
  return found.length === nodes.length && totalCount > nodes.length;
}

/** @param rejecting the workers with the largest fraction of rejected shares; undefined while that is not known. */
export function troubleGroups(
  { silent, offline, slowest }: TroubledLists,
  rejecting: LookedAt<RejectingWorker> | undefined,
): TroubleGroup[] {
  const low = slowest.nodes.filter((worker) => worker.contribution !== null && isLow(worker.contribution));
  const lowNames = new Set(low.map((worker) => worker.name));
  const bad = rejecting?.nodes.filter(isRejecting) ?? [];
  const invalid = bad.filter((worker) => !lowNames.has(worker.name));
  const groups: TroubleGroup[] = [
    { kind: 'silent', count: silent.totalCount, atLeast: false, workers: silent.nodes.slice(0, SHOWN) },
    { kind: 'offline', count: offline.totalCount, atLeast: false, workers: offline.nodes.slice(0, SHOWN) },
    { kind: 'low', count: low.length, atLeast: mayBeMore(low, slowest), workers: low.slice(0, SHOWN) },
    {
      kind: 'invalid',
      count: invalid.length,
      atLeast: rejecting !== undefined && mayBeMore(bad, rejecting),
      workers: invalid.slice(0, SHOWN),
    },
  ];
  return groups.filter((group) => group.count > 0);
}

// Which machines need somebody, why, and in which order: silent before offline before slow before rejecting, and no machine twice.
import { isLow } from '../../components/contribution.ts';
import type { TroubledLists, TroubledWorker } from './overview-documents.ts';

export type TroubleKind = 'silent' | 'offline' | 'low' | 'invalid';

export interface TroubleGroup {
  readonly kind: TroubleKind;
  /** How many machines there are of this kind; when `atLeast`, there may be more than were looked at. */
  readonly count: number;
  readonly atLeast: boolean;
  readonly workers: readonly TroubledWorker[];
}

/** Rejects above this fraction are not what the network's latency does by itself. */
const INVALID_FROM = 0.02;
/** Below this many rejected shares a high fraction is chance. */
const REJECTED_FROM = 10;
const SHOWN = 5;

function isRejecting(worker: TroubledWorker): boolean {
  return (worker.shares.invalidFraction ?? 0) >= INVALID_FROM && worker.shares.rejected >= REJECTED_FROM;
}

export function troubleGroups({ silent, offline, slowest, mostInvalid }: TroubledLists): TroubleGroup[] {
  const low = slowest.nodes.filter((worker) => worker.contribution !== null && isLow(worker.contribution));
  const invalid = mostInvalid.nodes.filter((worker) => worker.status === 'ONLINE' && isRejecting(worker) && !low.some((each) => each.name === worker.name));
  const groups: TroubleGroup[] = [
    { kind: 'silent', count: silent.totalCount, atLeast: false, workers: silent.nodes.slice(0, SHOWN) },
    { kind: 'offline', count: offline.totalCount, atLeast: false, workers: offline.nodes.slice(0, SHOWN) },
    { kind: 'low', count: low.length, atLeast: low.length === slowest.nodes.length && slowest.totalCount > low.length, workers: low.slice(0, SHOWN) },
    { kind: 'invalid', count: invalid.length, atLeast: invalid.length === mostInvalid.nodes.length && mostInvalid.totalCount > invalid.length, workers: invalid.slice(0, SHOWN) },
  ];
  return groups.filter((group) => group.count > 0);
}

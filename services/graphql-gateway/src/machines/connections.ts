// From how connections began and ended to whole ones. A gateway that crashes says nothing of those it had: its next start ends them. Pure.

export interface Opening {
  readonly id: string;
  readonly worker: string;
  readonly gateway: string;
  /** Tells it from others within its gateway's lifetime. */
  readonly connection: string;
  readonly atUs: number;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly difficulty: number;
}

export interface Ending {
  readonly worker: string;
  readonly gateway: string;
  readonly connection: string;
  readonly atUs: number;
  readonly reason: string;
}

export interface GatewayStart {
  readonly gateway: string;
  readonly atUs: number;
}

export interface WholeConnection extends Opening {
  readonly endedAtUs: number | undefined;
  readonly endReason: string | undefined;
}

export const GATEWAY_RESTARTED = 'gateway_restarted';

/** Each with what ended it first. Endings and starts may be of other connections too, in any order. */
export function wholeConnections(
  openings: readonly Opening[],
  endings: readonly Ending[],
  starts: readonly GatewayStart[],
): WholeConnection[] {
  const ends = grouped(endings, keyOf);
  const restarts = grouped(starts, ({ gateway }) => gateway);
  return openings.map((opening) => {
    const end = firstFrom(ends.get(keyOf(opening)), opening.atUs);
    const restart = firstFrom(restarts.get(opening.gateway), opening.atUs);
    if (end !== undefined && !(restart !== undefined && restart.atUs < end.atUs))
      return { ...opening, endedAtUs: end.atUs, endReason: end.reason };
    return { ...opening, endedAtUs: restart?.atUs, endReason: restart && GATEWAY_RESTARTED };
  });
}

function keyOf({ worker, gateway, connection }: Pick<Ending, 'worker' | 'gateway' | 'connection'>): string {
  return `${worker} ${gateway} ${connection}`;
}

function grouped<T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

function firstFrom<T extends { readonly atUs: number }>(all: readonly T[] = [], fromUs: number): T | undefined {
  let first: T | undefined;
  for (const one of all) if (one.atUs >= fromUs && (first === undefined || one.atUs < first.atUs)) first = one;
  return first;
}

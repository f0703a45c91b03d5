// Which of several nodes gives the work. Pure. The list is in order of preference; a node that is not in order is left at once, and a
// better one is gone back to only when it has been in order for a while, so that a node that comes and goes does not move the work.
export interface NodeStanding {
  /** Since when it has been in order without a break; undefined while it is not. */
  readonly inOrderSinceMs: number | undefined;
}

/** @returns the index of the node to work with, or undefined when none is in order. */
export function chooseNode(
  nodes: readonly NodeStanding[],
  current: number | undefined,
  nowMs: number,
  failBackMs: number,
): number | undefined {
  const first = nodes.findIndex(({ inOrderSinceMs }) => inOrderSinceMs !== undefined);
  if (first === -1) return undefined;
  if (current === undefined || nodes[current]?.inOrderSinceMs === undefined) return first;
  const proven = nodes.findIndex(
    ({ inOrderSinceMs }) => inOrderSinceMs !== undefined && nowMs - inOrderSinceMs >= failBackMs,
  );
  return proven !== -1 && proven < current ? proven : current;
}

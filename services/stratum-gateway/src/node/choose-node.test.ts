import { expect, test } from 'vitest';
import { chooseNode, type NodeStanding } from './choose-node.ts';

const NOW_MS = 100_000;
const FAIL_BACK_MS = 60_000;
const DOWN: NodeStanding = { inOrderSinceMs: undefined };
const upFor = (ms: number): NodeStanding => ({ inOrderSinceMs: NOW_MS - ms });

test.each<[string, NodeStanding[], number | undefined, number | undefined]>([
  ['the first that is in order, to begin with', [DOWN, upFor(1), upFor(90_000)], undefined, 1],
  ['none, when none is in order', [DOWN, DOWN], 0, undefined],
  ['the one in use, while it is in order', [upFor(1), upFor(90_000)], 1, 1],
  ['the next in order, when the one in use is not', [DOWN, DOWN, upFor(1)], 0, 2],
  ['a better one at once, when the one in use is not in order', [upFor(1), DOWN], 1, 0],
  ['a better one that has been in order for long', [upFor(FAIL_BACK_MS), upFor(90_000)], 1, 0],
  ['not a better one that just came back', [upFor(FAIL_BACK_MS - 1), upFor(90_000)], 1, 1],
  ['the best of those proven, past one that just came back', [upFor(1), upFor(FAIL_BACK_MS), upFor(90_000)], 2, 1],
])('%s', (_what, nodes, current, chosen) => {
  expect(chooseNode(nodes, current, NOW_MS, FAIL_BACK_MS)).toBe(chosen);
});

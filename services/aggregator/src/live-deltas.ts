// A batch's shares as what they add to the live state: one delta a worker and algorithm, its slots of time decayed into one.
import type { LiveDelta } from '@assay/live-state';
import { addDecayedByWindow, decayedFrom, LIVE_SLOT_US } from '@assay/live-state';
import { workNumber, type Rollup } from '@assay/rollup';

/** @param slots rolled up by LIVE_SLOT_US. @param nowUs a gateway whose clock runs ahead must not make rates wait for that time to come */
export function liveDeltas(slots: Rollup, nowUs: number): LiveDelta[] {
  const deltas = new Map<number, LiveDelta>();
  for (let row = 0; row < slots.size; row++) {
    const delta = slotDelta(slots, row, nowUs);
    const group = slots.group[row]!;
    const before = deltas.get(group);
    deltas.set(group, before === undefined ? delta : together(before, delta));
  }
  return [...deltas.values()];
}

function slotDelta(slots: Rollup, row: number, nowUs: number): LiveDelta {
  const { tenant, worker, algorithm } = slots.groups[slots.group[row]!]!;
  const slotUs = Math.min(slots.startUs[row]!, nowUs);
  return {
    tenant,
    worker,
    algorithm,
    accepted: slots.accepted[row]!,
    sinceUs: slotUs,
    bestShareDifficulty: slots.bestShare[row]!,
    lastShareAtUs: Math.min(slots.lastAcceptedUs[row]!, nowUs),
    difficulty: slots.lastDifficulty[row]!,
    difficultyAtUs: Math.min(slots.lastShareUs[row]!, nowUs),
    decayed: decayedFrom({
      atUs: slotUs + LIVE_SLOT_US / 2,
      work: workNumber(slots.work, row),
      workSquared: slots.workSquared[row]!,
    }),
  };
}

function together(a: LiveDelta, b: LiveDelta): LiveDelta {
  const { difficulty, difficultyAtUs } = a.difficultyAtUs > b.difficultyAtUs ? a : b;
  return {
    ...a,
    accepted: a.accepted + b.accepted,
    sinceUs: Math.min(a.sinceUs, b.sinceUs),
    bestShareDifficulty: Math.max(a.bestShareDifficulty, b.bestShareDifficulty),
    lastShareAtUs: Math.max(a.lastShareAtUs, b.lastShareAtUs),
    difficulty,
    difficultyAtUs,
    decayed: addDecayedByWindow(a.decayed, b.decayed),
  };
}

/** When the last of the shares was submitted; 0 without any. */
export function newestUs(deltas: readonly LiveDelta[]): number {
  return deltas.reduce((newest, { difficultyAtUs }) => Math.max(newest, difficultyAtUs), 0);
}

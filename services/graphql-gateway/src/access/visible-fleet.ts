// The part of a picture of the fleet that a visibility lets through. Made once per picture and visibility, however many ask; it goes with the
// picture, after a second.
import { MICROS_PER_HOUR, MICROS_PER_SECOND } from '@assay/kernel';
import { LIVE_WINDOWS } from '@assay/live-state';
import type { Visibility } from '@assay/tenancy';
import type { FleetSnapshot } from '../workers/fleet-view.ts';
import type { LiveRates, WorkerFacts } from '../workers/worker-facts.ts';

/** Parts kept of one picture; those who come after get theirs made anew. About 100 bytes a worker each. */
const MAX_KEPT = 200;

/** A decayed rate speaks of so many of its time constants: what is older weighs 5 % of it. */
const CONSTANTS_SPOKEN_OF = 3;

const partsOf = new WeakMap<FleetSnapshot, Map<string, FleetSnapshot>>();

export function visiblePart(whole: FleetSnapshot, visibility: Visibility): FleetSnapshot {
  if (visibility.parts.everyWorker) return whole;
  let parts = partsOf.get(whole);
  if (parts === undefined) partsOf.set(whole, (parts = new Map<string, FleetSnapshot>()));
  const kept = parts.get(visibility.key);
  if (kept !== undefined) return kept;
  const workers = whole.workers.flatMap((facts) => {
    const sinceUs = visibility.seesSinceUs(facts.worker, whole.atUs);
    if (sinceUs === undefined) return [];
    return [sinceUs === 0 ? facts : sinceThen(facts, sinceUs, whole.atUs)];
  });
  const part = {
    ...whole,
    seenBy: visibility.key,
    workers,
    byName: new Map(workers.map((facts) => [facts.worker, facts])),
  };
  if (parts.size < MAX_KEPT) parts.set(visibility.key, part);
  return part;
}

/** What is known of a worker to somebody who holds a share of it since a moment: nothing from before. */
function sinceThen(facts: WorkerFacts, sinceUs: number, nowUs: number): WorkerFacts {
  const { connectedSinceUs, firstSeenUs, lastShareAtUs, rates } = facts;
  return {
    ...facts,
    heldSinceUs: sinceUs,
    // History is read by whole hours, so that is what uptime can count from.
    firstSeenUs: Math.max(firstSeenUs, Math.ceil(sinceUs / MICROS_PER_HOUR) * MICROS_PER_HOUR),
    connectedSinceUs: connectedSinceUs && Math.max(connectedSinceUs, sinceUs),
    lastShareAtUs: lastShareAtUs !== undefined && lastShareAtUs >= sinceUs ? lastShareAtUs : undefined,
    // It is not kept when the best share was sent.
    bestShareDifficulty: 0,
    rates: rates && ratesSince(rates, nowUs - sinceUs),
  };
}

/** Those of the windows that speak of no time before; each is computed when it is read. */
function ratesSince(rates: LiveRates, heldUs: number): LiveRates {
  const shown = {};
  for (const { name, seconds } of LIVE_WINDOWS)
    if (heldUs >= CONSTANTS_SPOKEN_OF * seconds * MICROS_PER_SECOND)
      Object.defineProperty(shown, name, { get: () => rates[name], enumerable: true });
  return shown;
}

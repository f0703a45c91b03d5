// The part of a picture of the fleet that a visibility lets through. Made once per picture and visibility, however many ask; it goes with the
// picture, after a second.
import { MICROS_PER_HOUR, MICROS_PER_SECOND } from '@assay/kernel';
import { LIVE_WINDOWS } from '@assay/live-state';
import { tenantOf, type Visibility } from '@assay/tenancy';
import type { FleetSnapshot } from '../workers/fleet-view.ts';
import { Rack, workersOf } from '../workers/racks.ts';
import type { LiveRates, WorkerFacts } from '../workers/worker-facts.ts';

/** Parts kept of one picture; those who come after get theirs made anew. About 60 bytes a worker each, and 600 a worker that is held. */
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
  const part = new VisiblePart(whole, visibility.key, visibleRacks(whole, visibility));
  if (parts.size < MAX_KEPT) parts.set(visibility.key, part);
  return part;
}

/** What of a picture is in some racks. Its list and its names are made when they are first read: totals need neither. */
class VisiblePart implements FleetSnapshot {
  readonly atUs: number;
  readonly live: boolean;
  readonly racks: readonly Rack[];
  readonly seenBy: string;
  #workers: readonly WorkerFacts[] | undefined;
  #byName: ReadonlyMap<string, WorkerFacts> | undefined;

  constructor({ atUs, live }: FleetSnapshot, seenBy: string, racks: readonly Rack[]) {
    this.atUs = atUs;
    this.live = live;
    this.seenBy = seenBy;
    this.racks = racks;
  }

  get workers(): readonly WorkerFacts[] {
    // In this order already, but for racks whose names stand between those of another's machines.
    return (this.#workers ??= [...workersOf(this.racks)].sort((a, b) => (a.worker < b.worker ? -1 : 1)));
  }

  get byName(): ReadonlyMap<string, WorkerFacts> {
    return (this.#byName ??= new Map(this.workers.map((facts) => [facts.worker, facts])));
  }
}

/** A rack of which all machines are theirs is the same rack, and added up already. */
function visibleRacks({ racks, atUs }: FleetSnapshot, visibility: Visibility): readonly Rack[] {
  const tenantsOfHeld = new Set(visibility.parts.held.map(({ of }) => tenantOf(of)));
  return racks.flatMap((rack) => {
    // What is seen whole is a tenant or a site: it is the same for all machines of a rack that stands on one.
    const { worker } = rack.workers[0]!;
    if (rack.isOfOneSite && visibility.seesWhole(worker)) return rack;
    if (rack.isOfOneSite && !tenantsOfHeld.has(tenantOf(worker))) return [];
    const seen = rack.workers.flatMap((facts) => {
      const sinceUs = visibility.seesSinceUs(facts.worker, atUs);
      if (sinceUs === undefined) return [];
      return [sinceUs === 0 ? facts : sinceThen(facts, sinceUs, atUs)];
    });
    return seen.length === 0 ? [] : new Rack(rack.place, seen);
  });
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

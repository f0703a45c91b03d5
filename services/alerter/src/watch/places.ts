// The workers of a rack, a site or a tenant as one: what they did together in a minute. Their silence is that of nobody among them, so a place
// that lost its power or its line is found within a minute or two, however slow each machine is by itself.
import type { Subject } from '@assay/alerting';
import type { DetectionMinute } from '@assay/detection';
import { sum } from './closed-minutes.ts';
import type { Watched, WatchLevel } from './rule-watch.ts';

/** Undefined where the worker's name says of no such place. */
export function placeOf({ tenant, site, rack }: Subject, level: Exclude<WatchLevel, 'worker'>): Subject | undefined {
  if (level === 'tenant') return { tenant, site: '', rack: '', worker: '' };
  if (site === '' || (level === 'rack' && rack === '')) return undefined;
  return { tenant, site, rack: level === 'rack' ? rack : '', worker: '' };
}

/** One entry a place and algorithm. */
export function byPlace(
  workers: Iterable<readonly [Watched, DetectionMinute]>,
  level: Exclude<WatchLevel, 'worker'>,
): Iterable<readonly [Watched, DetectionMinute]> {
  const places = new Map<string, [Watched, DetectionMinute]>();
  for (const [{ subject }, minute] of workers) {
    const place = placeOf(subject, level);
    if (place === undefined) continue;
    const key = `${place.tenant} ${place.site} ${place.rack} ${minute.algorithm}`;
    const together = places.get(key);
    if (together === undefined) places.set(key, [{ subject: place, traits: {} }, { ...minute }]);
    else together[1] = both(together[1], minute);
  }
  return places.values();
}

function both(a: DetectionMinute, b: DetectionMinute): DetectionMinute {
  const expected = (a.expectedHashRateHs ?? 0) + (b.expectedHashRateHs ?? 0);
  return {
    minute: a.minute,
    algorithm: a.algorithm,
    ...sum({ ...a }, { ...b }),
    // The hardest there is: it makes the silence of the place no shorter than it may be.
    difficulty: Math.max(a.difficulty, b.difficulty),
    connected:
      a.connected === undefined && b.connected === undefined ? undefined : a.connected === true || b.connected === true,
    // Of a part of the machines it would be too little for all of them; the place then learns from its past.
    expectedHashRateHs: a.expectedHashRateHs === undefined || b.expectedHashRateHs === undefined ? undefined : expected,
  };
}

// What theory allows: no rule that alarms once in a mean time T on healthy workers finds a change sooner, in the worst case and as T
// grows, than ln T over the information a minute holds (Lorden 1971).
import { informationWhenLow } from '@assay/detection';
import { MINUTES_PER_YEAR } from './false-alarms.ts';

/** Minutes until a loss to `fraction` can be found at one false alarm a worker-year. */
export function lordensDelayMinutes(sharesPerMinute: number, fraction: number): number {
  return Math.log(MINUTES_PER_YEAR) / (sharesPerMinute * informationWhenLow(fraction));
}

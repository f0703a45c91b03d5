// When a machine counts as delivering too little: only when the whole 95 % interval lies below this, so that bad luck alone raises no alarm.
import type { Contribution } from '../api/schema-types.ts';

const LOW_BELOW = 0.95;

export function isLow(contribution: Contribution): boolean {
  return contribution.high < LOW_BELOW;
}

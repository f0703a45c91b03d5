// When a machine counts as delivering too little: only when the whole 95 % interval lies below this, so that bad luck alone raises no alarm.

const LOW_BELOW = 0.95;

export function isLow({ high }: { readonly high: number }): boolean {
  return high < LOW_BELOW;
}

// How long something took, in the unit that keeps it short.

/** `<0.1 ms`, `0.4 ms`, `32 ms`, `1.2 s` */
export function formatMilliseconds(ms: number): string {
  if (ms >= 999.5) return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)}\u00a0s`;
  if (ms > 0 && ms < 0.05) return '<0.1\u00a0ms';
  return `${ms < 9.95 && ms > 0 ? ms.toFixed(1) : Math.round(ms)}\u00a0ms`;
}

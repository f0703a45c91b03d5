// One colour per reject reason, always the same one, whatever else is on the chart.

const PROPERTY: Record<string, string> = {
  stale: '--reason-1',
  low_difficulty: '--reason-2',
  duplicate: '--reason-3',
  unknown_job: '--reason-4',
  ntime_out_of_range: '--reason-5',
};

/** The custom property that holds a reason's colour; rare reasons share one. */
export function reasonColour(reason: string): string {
  return PROPERTY[reason] ?? '--reason-6';
}

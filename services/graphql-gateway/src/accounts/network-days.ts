// Difficulty and reward per day, from those per hour.
import { daySpan, type LocalDay, type NetworkHour } from '@assay/settlement';

export interface NetworkDay {
  readonly date: string;
  readonly difficulty: number;
  readonly lowestDifficulty: number;
  readonly highestDifficulty: number;
  readonly reward: number | undefined;
  readonly fees: number | undefined;
}

/** Days of which no hour is known are left out. */
export function networkDays(hours: readonly NetworkHour[], days: readonly LocalDay[]): NetworkDay[] {
  return days.flatMap((day) => {
    const { fromSeconds, untilSeconds } = daySpan(day);
    const own = hours.filter(({ atSeconds }) => atSeconds >= fromSeconds && atSeconds < untilSeconds);
    if (own.length === 0) return [];
    const difficulties = own.map(({ networkDifficulty }) => networkDifficulty);
    return [
      {
        date: day.date,
        difficulty: mean(difficulties)!,
        lowestDifficulty: Math.min(...difficulties),
        highestDifficulty: Math.max(...difficulties),
        reward: mean(own.flatMap(({ reward }) => reward ?? [])),
        fees: mean(own.flatMap(({ fees }) => fees ?? [])),
      },
    ];
  });
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

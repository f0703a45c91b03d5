// A change of what is expected of a machine, in words: `expected rate 100 TH/s → 110 TH/s, model S19 → S21`.
import { actorText } from '../../format/actor.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { formatPower } from '../../format/power.ts';
import type { ExpectationChange } from './worker-documents.ts';

export function changeText({ before, after }: Pick<ExpectationChange, 'before' | 'after'>): string {
  const parts = [
    moved('expected rate', text(before.expectedHashRate, formatHashRate), text(after.expectedHashRate, formatHashRate)),
    moved('rated power', text(before.ratedPowerWatts, formatPower), text(after.ratedPowerWatts, formatPower)),
    moved('model', before.model, after.model),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Who said so. */
export function sourceText({ by }: Pick<ExpectationChange, 'by'>): string {
  return by === null ? 'by its password' : `by ${actorText(by)}`;
}

function text(value: number | null, format: (value: number) => string): string | null {
  return value === null ? null : format(value);
}

function moved(what: string, was: string | null, is: string | null): string {
  if (was === is) return '';
  if (was === null) return `${what} ${is}`;
  return is === null ? `${what} taken away (was ${was})` : `${what} ${was} → ${is}`;
}

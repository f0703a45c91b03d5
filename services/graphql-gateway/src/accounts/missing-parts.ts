// What an account lacks, in sentences: a report that goes to accountants says itself what it does not know.
import type { DayFigures } from '@assay/settlement';
import type { ReadAccount } from './account-reader.ts';

export interface LiveStanding {
  /** False while the live state is being rebuilt or is behind. */
  readonly live: boolean;
}

/** In the order of how much they matter. */
export async function missingParts(account: ReadAccount, { live }: LiveStanding): Promise<string[]> {
  const { contributed, held, given, range, network, nowUs, showsMoney } = account;
  const sentences: string[] = [];
  const { days } = contributed;
  const toCome = range.days.filter(({ fromUs }) => fromUs >= nowUs);
  if (days.length === 0) return ['None of these days has begun.'];
  if (toCome.length > 0) sentences.push(`${countOf(toCome.length, 'day')} of the range are still to come.`);
  const today = days.at(-1)!;
  if (!today.isWholeDay) sentences.push(`${today.date} is still under way: it is counted up to the present minute.`);
  if (!live)
    sentences.push('The live state is not complete: shares of the last minutes may not be in the figures yet.');
  const silent = days.filter(isSilent);
  if (silent.length > 0) sentences.push(`No share is on record on ${listOf(silent.map(({ date }) => date))}.`);
  const cut = [contributed, ...held, ...given].some(({ total }) => !total.isComplete);
  if (cut)
    sentences.push(
      'Some days or holdings begin or end within an hour of which the minutes are not kept any more, or lie before what is kept: figures are too low there.',
    );
  const uptime = await account.uptime.standing();
  if (uptime === 'too_many_machines') sentences.push('Uptime is not worked out: there are too many machines.');
  if (uptime === 'working')
    sentences.push('Uptime of so many machines is still being worked out: ask again in half a minute.');
  if (!showsMoney) return sentences;
  const unpriced = days.filter(({ hashes, pricedFraction }) => hashes.value > 0 && pricedFraction < 1);
  if (unpriced.length > 0)
    sentences.push(
      `No price is on record for all or part of the work on ${listOf(unpriced.map(({ date }) => date))}: its jobs are not kept any more, or pay nobody. It is not in the estimate.`,
    );
  if (network.some(({ basis }) => basis === 'subsidy'))
    sentences.push('Of some jobs only the subsidy of their height is known: fees are missing there.');
  return sentences;
}

function isSilent({ shares }: DayFigures): boolean {
  return shares.accepted === 0 && shares.reasons.every((count) => count === 0);
}

function countOf(count: number, singular: string): string {
  return `${count} ${singular}${count === 1 ? '' : 's'}`;
}

/** No more than ten by name. */
function listOf(dates: readonly string[]): string {
  if (dates.length <= 10) return dates.join(', ');
  return `${dates.slice(0, 10).join(', ')} and ${dates.length - 10} more`;
}

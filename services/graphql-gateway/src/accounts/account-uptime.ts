// Uptime of the machines of an account, day by day: each machine is looked at once for all that it counts in.
import type { Algorithm } from '@assay/mining';
import {
  addUptime,
  daySpan,
  heldSpan,
  hoursIn,
  hoursWithin,
  overlap,
  placesAbove,
  type Holding,
  type MachineHours,
  type Span,
  type UptimeSums,
} from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import type { RowReader } from '../queries/store-reader.ts';
import type { AccountRange } from './account-range.ts';
import type { KeptHours } from './kept-hours.ts';

/** Whose machines, and of which days. */
export interface UptimeAsked {
  readonly tenant: string;
  readonly algorithm: Algorithm;
  readonly range: AccountRange;
  readonly holdings: readonly Holding[];
  readonly places: readonly string[];
  readonly nowUs: number;
  readonly store: RowReader;
  /** Of whom `store` reads for. */
  readonly visibilityKey: string;
  /** Machines known to be there now, by place. */
  readonly machines: ReadonlyMap<string, number>;
}

/** By date, the fraction of decided minutes in which machines were up; a date in which nothing is decided has no entry. */
export interface UptimeByDay {
  readonly days: ReadonlyMap<string, number>;
  readonly total: number | undefined;
}

const HOUR_SECONDS = 3600;
const NOTHING: UptimeByDay = { days: new Map(), total: undefined };
const ALWAYS: Span = { fromSeconds: 0, untilSeconds: Infinity };

export interface AccountUptimes {
  /** Of the tenant's own machines, and of those it holds while it does. */
  readonly contributed: UptimeByDay;
  readonly byHolding: ReadonlyMap<string, UptimeByDay>;
}

/** Undefined where there are too many machines to look through. */
export async function accountUptimes(kept: KeptHours, asked: UptimeAsked): Promise<AccountUptimes | undefined> {
  const { range, tenant, holdings, places, nowUs } = asked;
  const days = range.days.map(daySpan);
  const nowMinute = Math.floor(nowUs / 60e6);
  const sumsOfDays = (): UptimeSums[] => days.map(() => ({ up: 0, decided: 0 }));
  const contributed = sumsOfDays();
  const byHolding = new Map(holdings.map(({ id }) => [id, sumsOfDays()]));
  const holdingsOf = groupedByPlace(holdings);

  const look = (worker: string, machine: MachineHours): void => {
    const held = [worker, ...placesAbove(worker)].flatMap((place) => holdingsOf.get(place) ?? []);
    const own =
      tenantOf(worker) === tenant
        ? [ALWAYS]
        : merged(held.filter(({ holder }) => holder === tenant).map((holding) => holdingHours(holding)));
    for (const span of own) addWithin(span, machine, days, nowMinute, contributed);
    for (const holding of held) addWithin(holdingHours(holding), machine, days, nowMinute, byHolding.get(holding.id)!);
  };
  const all = new Set(places);
  const outermost = places.filter((place) => !placesAbove(place).some((above) => all.has(above)));
  for (const place of outermost) {
    const { store, visibilityKey, algorithm, machines } = asked;
    const where = { place, isWholeTenant: place === tenant, machines: machines.get(place) ?? 0 };
    if (!(await kept.forEach({ store, visibilityKey, algorithm, cuts: wholeHours(days), ...where }, look)))
      return undefined;
  }
  return {
    contributed: byDay(range, contributed),
    byHolding: new Map([...byHolding].map(([id, sums]) => [id, byDay(range, sums)])),
  };
}

/** `working`: it takes longer than who asks can wait, and whoever asks in a while has it. */
export type UptimeStanding = 'known' | 'too_many_machines' | 'working';

/** As one answer has it: asked of the store only when somebody reads it, and then the same for all its fields. */
export class AccountUptime {
  readonly #read: () => Promise<AccountUptimes | undefined>;
  readonly #waitMs: number;
  #answer: Promise<AccountUptimes | 'too_many_machines' | 'working'> | undefined;

  constructor(read: () => Promise<AccountUptimes | undefined>, waitMs: number) {
    this.#read = read;
    this.#waitMs = waitMs;
  }

  /** Of the machines of one holding, in the whole hours in which it was held. */
  async ofHolding({ id }: Holding): Promise<UptimeByDay> {
    const answer = await this.#once();
    return (typeof answer === 'string' ? undefined : answer.byHolding.get(id)) ?? NOTHING;
  }

  async contributed(): Promise<UptimeByDay> {
    const answer = await this.#once();
    return typeof answer === 'string' ? NOTHING : answer.contributed;
  }

  async standing(): Promise<UptimeStanding> {
    const answer = await this.#once();
    return typeof answer === 'string' ? answer : 'known';
  }

  #once(): Promise<AccountUptimes | 'too_many_machines' | 'working'> {
    this.#answer ??= this.#ask();
    return this.#answer;
  }

  async #ask(): Promise<AccountUptimes | 'too_many_machines' | 'working'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'working'>((resolve) => {
      timer = setTimeout(() => resolve('working'), this.#waitMs);
    });
    const read = this.#read().then((uptimes) => uptimes ?? ('too_many_machines' as const));
    return Promise.race([read, late]).finally(() => clearTimeout(timer));
  }
}

function groupedByPlace(holdings: readonly Holding[]): ReadonlyMap<string, readonly Holding[]> {
  const byPlace = new Map<string, Holding[]>();
  for (const holding of holdings) byPlace.set(holding.of, [...(byPlace.get(holding.of) ?? []), holding]);
  return byPlace;
}

/** The days as stretches of whole hours, up to the hour that the last one ends in: an hour in which a day begins within is the new day's. */
function wholeHours(days: readonly Span[]): number[] {
  const starts = days.map(({ fromSeconds }) => Math.floor(fromSeconds / HOUR_SECONDS) * HOUR_SECONDS);
  return [...starts, Math.ceil(days.at(-1)!.untilSeconds / HOUR_SECONDS) * HOUR_SECONDS];
}

function byDay(range: AccountRange, sums: readonly UptimeSums[]): UptimeByDay {
  const up = sums.reduce((sum, one) => sum + one.up, 0);
  const decided = sums.reduce((sum, one) => sum + one.decided, 0);
  const entries = range.days.flatMap(({ date }, i) =>
    sums[i]!.decided === 0 ? [] : [[date, sums[i]!.up / sums[i]!.decided] as const],
  );
  return { days: new Map(entries), total: decided === 0 ? undefined : up / decided };
}

function addWithin(
  span: Span,
  { accepted, minutes, hours }: MachineHours,
  days: readonly Span[],
  nowMinute: number,
  sums: readonly UptimeSums[],
): void {
  const parts = days.flatMap((day, i) => {
    const part = overlap(day, span);
    return part === undefined ? [] : [{ part, sum: sums[i]! }];
  });
  if (parts.length === 0) return;
  // Stretches of a holding begin and end with whole hours.
  const within = hoursWithin(hours, span);
  const part = hoursIn(within) / hoursIn(hours);
  const machine = { hours: within, accepted: accepted * part, minutes: minutes * part };
  addUptime(
    machine,
    parts.map(({ part }) => part),
    nowMinute,
    parts.map(({ sum }) => sum),
  );
}

/** History of active minutes is kept by whole hours, and those in which a holding begins or ends are not the holder's to see. */
function holdingHours(holding: Holding): Span {
  const { fromSeconds, untilSeconds } = heldSpan(holding);
  return {
    fromSeconds: Math.ceil(fromSeconds / HOUR_SECONDS) * HOUR_SECONDS,
    untilSeconds: Math.floor(untilSeconds / HOUR_SECONDS) * HOUR_SECONDS,
  };
}

/** Stretches joined where they touch, so that no minute counts twice. */
function merged(spans: readonly Span[]): Span[] {
  const ascending = [...spans].sort((a, b) => a.fromSeconds - b.fromSeconds);
  const joined: Span[] = [];
  for (const span of ascending) {
    const last = joined.at(-1);
    if (last === undefined || span.fromSeconds > last.untilSeconds) joined.push(span);
    else joined[joined.length - 1] = { ...last, untilSeconds: Math.max(last.untilSeconds, span.untilSeconds) };
  }
  return joined;
}

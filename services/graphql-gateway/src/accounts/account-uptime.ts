// Uptime of the machines of an account, day by day: asked of the store once, and only when somebody reads it.
import type { Algorithm } from '@assay/mining';
import {
  addUptime,
  daySpan,
  heldSpan,
  overlap,
  type Holding,
  type MachineHours,
  type Span,
  type UptimeSums,
} from '@assay/settlement';
import { isUnder, tenantOf } from '@assay/tenancy';
import { setImmediate } from 'node:timers/promises';
import { machineMinutes } from '../queries/machine-minutes.ts';
import type { RowReader } from '../queries/store-reader.ts';
import type { AccountRange } from './account-range.ts';

export interface UptimePorts {
  readonly tenant: string;
  readonly algorithm: Algorithm;
  readonly range: AccountRange;
  readonly holdings: readonly Holding[];
  readonly places: readonly string[];
  readonly nowUs: number;
  readonly store: RowReader;
  readonly signal: AbortSignal | undefined;
}

/** By date, the fraction of decided minutes in which machines were up; a date in which nothing is decided has no entry. */
export interface UptimeByDay {
  readonly days: ReadonlyMap<string, number>;
  readonly total: number | undefined;
}

const HOUR_SECONDS = 3600;
/** Then others are let in between. */
const MACHINES_AT_ONCE = 100;
const NOTHING: UptimeByDay = { days: new Map(), total: undefined };

export class AccountUptime {
  readonly #ports: UptimePorts;
  #machines: Promise<ReadonlyMap<string, MachineHours> | undefined> | undefined;

  constructor(ports: UptimePorts) {
    this.#ports = ports;
  }

  /** Of the machines of one holding, in the whole hours in which it was held. Nothing where there are too many machines to look through. */
  async ofHolding(holding: Holding): Promise<UptimeByDay> {
    return this.#of((worker) => (isUnder(worker, holding.of) ? [holdingHours(holding)] : []));
  }

  /** Of the tenant's own machines, and of those it holds while it does. */
  async contributed(): Promise<UptimeByDay> {
    const { tenant, holdings } = this.#ports;
    const held = holdings.filter(({ holder, of }) => holder === tenant && tenantOf(of) !== tenant);
    const always: Span = { fromSeconds: 0, untilSeconds: Infinity };
    return this.#of((worker) =>
      tenantOf(worker) === tenant ? [always] : merged(held.filter(({ of }) => isUnder(worker, of)).map(holdingHours)),
    );
  }

  /** Whether it could be worked out. */
  async isKnown(): Promise<boolean> {
    return (await this.#read()) !== undefined;
  }

  async #of(spansOf: (worker: string) => readonly Span[]): Promise<UptimeByDay> {
    const machines = await this.#read();
    if (machines === undefined) return NOTHING;
    const { range, nowUs } = this.#ports;
    const days = range.days.map(daySpan);
    const sums = days.map((): UptimeSums => ({ up: 0, decided: 0 }));
    const nowMinute = Math.floor(nowUs / 60e6);
    let looked = 0;
    for (const [worker, machine] of machines) {
      const spans = spansOf(worker);
      if (spans.length === 0) continue;
      for (const span of spans) addWithin(span, machine, days, nowMinute, sums);
      if (++looked % MACHINES_AT_ONCE === 0) await setImmediate();
    }
    const up = sums.reduce((sum, one) => sum + one.up, 0);
    const decided = sums.reduce((sum, one) => sum + one.decided, 0);
    const entries = range.days.flatMap(({ date }, i) =>
      sums[i]!.decided === 0 ? [] : [[date, sums[i]!.up / sums[i]!.decided] as const],
    );
    return { days: new Map(entries), total: decided === 0 ? undefined : up / decided };
  }

  #read(): Promise<ReadonlyMap<string, MachineHours> | undefined> {
    const { store, range, places, algorithm, signal } = this.#ports;
    const from = range.days[0]!.fromUs / 1e6;
    const until = range.days.at(-1)!.untilUs / 1e6;
    this.#machines ??= machineMinutes(store, { places, algorithm, from, until }, signal);
    return this.#machines;
  }
}

function addWithin(
  span: Span,
  { accepted, hours }: MachineHours,
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
  const within = hours.filter(
    ({ hourMinute }) => hourMinute * 60 >= span.fromSeconds && hourMinute * 60 < span.untilSeconds,
  );
  const machine = { hours: within, accepted: (accepted * within.length) / hours.length };
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

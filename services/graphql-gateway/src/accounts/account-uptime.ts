// Uptime of the machines of an account, day by day: asked of the store once, and only when somebody reads it.
import type { Algorithm } from '@assay/mining';
import {
  addUptime,
  daySpan,
  heldSpan,
  hoursIn,
  hoursWithin,
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
}

/** By date, the fraction of decided minutes in which machines were up; a date in which nothing is decided has no entry. */
export interface UptimeByDay {
  readonly days: ReadonlyMap<string, number>;
  readonly total: number | undefined;
}

const HOUR_SECONDS = 3600;
/** Then others are let in between. */
const MACHINES_AT_ONCE = 500;
const NOTHING: UptimeByDay = { days: new Map(), total: undefined };

interface AllUptimes {
  readonly contributed: UptimeByDay;
  readonly byHolding: ReadonlyMap<string, UptimeByDay>;
}

export class AccountUptime {
  readonly #ports: UptimePorts;
  #all: Promise<AllUptimes | undefined> | undefined;

  constructor(ports: UptimePorts) {
    this.#ports = ports;
  }

  /** Of the machines of one holding, in the whole hours in which it was held. Nothing where there are too many machines to look through. */
  async ofHolding({ id }: Holding): Promise<UptimeByDay> {
    return (await this.#once())?.byHolding.get(id) ?? NOTHING;
  }

  /** Of the tenant's own machines, and of those it holds while it does. */
  async contributed(): Promise<UptimeByDay> {
    return (await this.#once())?.contributed ?? NOTHING;
  }

  /** Whether it could be worked out. */
  async isKnown(): Promise<boolean> {
    return (await this.#once()) !== undefined;
  }

  /** All at once, so that the machines' hours need not be kept. */
  #once(): Promise<AllUptimes | undefined> {
    this.#all ??= this.#make().catch((error: unknown) => {
      this.#all = undefined;
      throw error;
    });
    return this.#all;
  }

  async #make(): Promise<AllUptimes | undefined> {
    const { store, range, tenant, holdings, places, algorithm } = this.#ports;
    const from = range.days[0]!.fromUs / 1e6;
    const until = range.days.at(-1)!.untilUs / 1e6;
    const machines = await machineMinutes(store, { places, algorithm, from, until });
    if (machines === undefined) return undefined;
    const held = holdings.filter(({ holder, of }) => holder === tenant && tenantOf(of) !== tenant);
    const always: Span = { fromSeconds: 0, untilSeconds: Infinity };
    const contributed = await this.#sum(machines, (worker) =>
      tenantOf(worker) === tenant ? [always] : merged(held.filter(({ of }) => isUnder(worker, of)).map(holdingHours)),
    );
    const byHolding = new Map<string, UptimeByDay>();
    for (const holding of holdings) {
      const span = [holdingHours(holding)];
      byHolding.set(holding.id, await this.#sum(machines, (worker) => (isUnder(worker, holding.of) ? span : [])));
    }
    return { contributed, byHolding };
  }

  async #sum(
    machines: ReadonlyMap<string, MachineHours>,
    spansOf: (worker: string) => readonly Span[],
  ): Promise<UptimeByDay> {
    const { range, nowUs } = this.#ports;
    const days = range.days.map(daySpan);
    const sums = days.map((): UptimeSums => ({ up: 0, decided: 0 }));
    const nowMinute = Math.floor(nowUs / 60e6);
    let looked = 0;
    for (const [worker, machine] of machines) {
      for (const span of spansOf(worker)) addWithin(span, machine, days, nowMinute, sums);
      if (++looked % MACHINES_AT_ONCE === 0) await setImmediate();
    }
    const up = sums.reduce((sum, one) => sum + one.up, 0);
    const decided = sums.reduce((sum, one) => sum + one.decided, 0);
    const entries = range.days.flatMap(({ date }, i) =>
      sums[i]!.decided === 0 ? [] : [[date, sums[i]!.up / sums[i]!.decided] as const],
    );
    return { days: new Map(entries), total: decided === 0 ? undefined : up / decided };
  }
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

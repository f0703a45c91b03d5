// What people have on record of machines that bears on their figures, now and over time. Invariant: it is told of a worker only to who sees it
// wholly; who holds a share of it knows what is expected of it now, and no more.
import type { ControlLog, FedChange } from '@assay/control-log';
import { MICROS_PER_DAY } from '@assay/kernel';
import type { LiveWindow } from '@assay/live-state';
import type { Actor, ControlObject } from '@assay/tenancy';
import type { Moment } from '../operation/moment.ts';
import { announcedRates } from '../queries/connections.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';
import { efficiencyAt, type Efficiency } from './efficiency.ts';
import { expectationLine, type Announced, type Entered, type Expectation } from './expectation.ts';

export interface OnRecord {
  readonly hashRateHs: number | undefined;
  readonly powerWatts: number | undefined;
  readonly model: string | undefined;
}

export interface RecordChange {
  readonly id: string;
  readonly atUs: number;
  /** Undefined where the machine's password or the worker file said it. */
  readonly by: Actor | undefined;
  readonly before: OnRecord;
  readonly after: OnRecord;
}

/** How far back connections are looked at for what passwords said: what the first of them said is taken to have held before. */
const ANNOUNCED_DAYS = 92;

type WorkerObject = ControlObject<'worker'>;

export class MachineRecord {
  readonly #control: Pick<ControlLog, 'state' | 'feed'>;
  /** Changes of each worker, ascending, as of the newest change of all: made anew after another one, in some ms. */
  #changes: ReadonlyMap<string, readonly FedChange[]> = new Map();
  #newest: FedChange | undefined;

  constructor(control: Pick<ControlLog, 'state' | 'feed'>) {
    this.#control = control;
  }

  /** The worker's rated power, watts. */
  powerOf({ worker }: WorkerFacts, { visibility }: Moment): number | undefined {
    return visibility.seesWhole(worker) ? this.#control.state.get('worker', worker)?.body.ratedPowerWatts : undefined;
  }

  /** At its rated power and its rate in the window; undefined without either, and while it is not connected. */
  efficiencyOf(facts: WorkerFacts, moment: Moment, window: LiveWindow): Efficiency | undefined {
    const watts = this.powerOf(facts, moment);
    const rate = facts.rates?.[window];
    return watts === undefined || rate === undefined || facts.status === 'OFFLINE'
      ? undefined
      : efficiencyAt(watts, rate);
  }

  /** What was expected of the worker at which time from a moment on. */
  async lineOf(facts: WorkerFacts, moment: Moment, sinceUs: number): Promise<readonly Expectation[]> {
    const { worker, expectedHashRateHs } = facts;
    if (!moment.visibility.seesWhole(worker)) return expectationLine([], [], expectedHashRateHs);
    const all = this.#enteredOf(worker);
    const entered = all.slice(all.findLastIndex(({ fromUs }) => fromUs <= sinceUs));
    // Where people have said it all along, what passwords say makes no difference.
    const announced = entered.every(({ hashRateHs }) => hashRateHs !== undefined)
      ? []
      : await this.#announcedOf(facts, moment);
    const nowEntered = entered.at(-1)?.hashRateHs;
    return expectationLine(entered, announced, nowEntered === undefined ? expectedHashRateHs : undefined);
  }

  /** The newest first; undefined for who does not see the worker wholly. */
  async changesOf(facts: WorkerFacts, moment: Moment, first: number): Promise<readonly RecordChange[] | undefined> {
    const { worker } = facts;
    if (!moment.visibility.seesWhole(worker)) return undefined;
    const entered = this.#changesOf(worker).map(({ atUs, by, before, after }): RecordChange => ({
      id: `${worker}:${after?.version ?? `${before!.version}-`}:${atUs}`,
      atUs,
      by,
      before: onRecord(before as WorkerObject | undefined),
      after: onRecord(after as WorkerObject | undefined),
    }));
    const line = this.#enteredOf(worker);
    const announced = await this.#announcedOf(facts, moment);
    const said = announced.slice(1).flatMap(({ fromUs, hashRateHs }, i): RecordChange[] => {
      const entry = line.findLast((step) => step.fromUs <= fromUs);
      if (entry?.hashRateHs !== undefined) return [];
      const rest = { powerWatts: entry?.powerWatts, model: entry?.model };
      return [
        {
          id: `${worker}:password:${fromUs}`,
          atUs: fromUs,
          by: undefined,
          before: { ...rest, hashRateHs: announced[i]!.hashRateHs || undefined },
          after: { ...rest, hashRateHs: hashRateHs || undefined },
        },
      ];
    });
    return [...entered, ...said].sort((a, b) => b.atUs - a.atUs).slice(0, first);
  }

  #announcedOf(facts: WorkerFacts, moment: Moment): Promise<readonly Announced[]> {
    return moment.perWorker('announced rates', facts, async (names, workers, signal) => {
      const { atUs } = await moment.snapshot();
      const sinceUs = Math.max(0, Math.floor(atUs / MICROS_PER_DAY) - ANNOUNCED_DAYS) * MICROS_PER_DAY;
      const rates = await announcedRates(moment.store, names, sinceUs, signal);
      return workers.map(({ worker }) => rates.get(worker) ?? []);
    });
  }

  /** Ascending. What was before the oldest change on record is known from that change; without one, from the entry itself. */
  #enteredOf(worker: string): readonly (Entered & Pick<OnRecord, 'model'>)[] {
    const changes = this.#changesOf(worker);
    const oldest = changes.length > 0 ? changes[0]!.before : this.#control.state.get('worker', worker);
    const start = oldest as WorkerObject | undefined;
    return [
      { fromUs: 0, ...onRecord(undefined) },
      ...(start === undefined ? [] : [{ fromUs: start.createdAtUs, ...onRecord(start) }]),
      ...changes.map(({ atUs, after }) => ({ fromUs: atUs, ...onRecord(after as WorkerObject | undefined) })),
    ];
  }

  #changesOf(worker: string): readonly FedChange[] {
    const { feed } = this.#control;
    const [newest] = feed.newestFirst();
    if (newest !== this.#newest) {
      this.#newest = newest;
      this.#changes = expectationChanges(feed.newestFirst());
    }
    return this.#changes.get(worker) ?? [];
  }
}

function onRecord(object: WorkerObject | undefined): OnRecord {
  const { expectedHashRateHs, ratedPowerWatts, model } = object?.body ?? {};
  return { hashRateHs: expectedHashRateHs, powerWatts: ratedPowerWatts, model };
}

/** Those that changed what is expected of a worker, by worker, ascending. */
function expectationChanges(newestFirst: Iterable<FedChange>): ReadonlyMap<string, readonly FedChange[]> {
  const byWorker = new Map<string, FedChange[]>();
  for (const change of newestFirst) {
    if (change.kind !== 'worker') continue;
    const before = onRecord(change.before as WorkerObject | undefined);
    const after = onRecord(change.after as WorkerObject | undefined);
    if (
      before.hashRateHs === after.hashRateHs &&
      before.powerWatts === after.powerWatts &&
      before.model === after.model
    )
      continue;
    const changes = byWorker.get(change.id);
    if (changes) changes.push(change);
    else byWorker.set(change.id, [change]);
  }
  for (const changes of byWorker.values()) changes.reverse();
  return byWorker;
}

// Findings, commands, silences and crashes in any order. Nothing of trouble is lost, each step of an escalation is told exactly once, and an
// end is told if and only if the beginning was, to the same channels.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Alert, Notification } from './alert.ts';
import { AlertBook, DEFAULT_BOOK_OPTIONS, type AlertConfig } from './alert-book.ts';
import { countFleet } from './common-cause.ts';
import { isQuiet } from './quiet-hours.ts';
import { decodeAlertRecord, encodeAlertRecord, type AlertRecord } from './records.ts';
import type { AlertRule, MaintenanceWindow } from './rule.ts';
import { aFinding, aRule, aSite, HOUR_US, MINUTE_US, NOON_US } from './testing/alert-fixtures.ts';

const RULES: readonly AlertRule[] = [
  aRule({
    id: 'offline',
    steps: [
      { afterUs: 0, channels: ['chat'] },
      { afterUs: 10 * MINUTE_US, channels: ['chat', 'mail'] },
      { afterUs: 30 * MINUTE_US, channels: ['boss'] },
    ],
    quietHours: {
      timeZone: 'Asia/Kolkata',
      days: [0, 1, 2, 3, 4, 5, 6],
      from: 18 * 60,
      to: 19 * 60,
      passes: ['critical'],
    },
  }),
  aRule({ id: 'stale', kind: 'stale_up', forUs: 0, clearForUs: 0, steps: [{ afterUs: 0, channels: ['mail'] }] }),
];
const WORKERS = aSite('north', 2, 6, { gateway: 'gw-0' });
const FLEET = countFleet(WORKERS);
const WINDOW: MaintenanceWindow = {
  id: 'works',
  tenant: 'acme',
  under: ['acme.north.r1'],
  fromUs: NOON_US + HOUR_US,
  toUs: NOON_US + 2 * HOUR_US,
};
const CONFIG: AlertConfig = { rules: new Map(RULES.map((rule) => [rule.id, rule])), windows: [WINDOW] };

type Step =
  | {
      readonly do: 'find';
      readonly rule: number;
      readonly workers: readonly number[];
      readonly firing: boolean;
      readonly critical: boolean;
    }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'acknowledge' | 'unacknowledge'; readonly pick: number }
  | { readonly do: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('find' as const),
      rule: fc.nat({ max: RULES.length - 1 }),
      workers: fc.uniqueArray(fc.nat({ max: WORKERS.length - 1 }), { minLength: 1, maxLength: WORKERS.length }),
      firing: fc.boolean(),
      critical: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 1200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('acknowledge', 'unacknowledge'), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
);

class Run {
  #book = this.#fresh();
  #nowUs = NOON_US;
  readonly #log: Uint8Array[] = [];
  /** What the detector said last, by rule and worker. */
  readonly #verdicts = new Map<string, boolean>();

  take(each: Step): void {
    switch (each.do) {
      case 'find':
        for (const index of each.workers) this.#find(each.rule, index, each.firing, each.critical);
        return;
      case 'wait':
        this.#nowUs += each.seconds * 1_000_000;
        return this.#tick();
      case 'acknowledge':
      case 'unacknowledge': {
        const ids = [...this.#book.alerts].map(({ id }) => id);
        const id = ids[each.pick % ids.length];
        if (id !== undefined && each.do === 'acknowledge') this.#book.acknowledge(id, 'ann', this.#nowUs);
        if (id !== undefined && each.do === 'unacknowledge') this.#book.unacknowledge(id, this.#nowUs);
        // A command is put on record before anything else happens.
        return this.#tick();
      }
      case 'crash': {
        this.#tick();
        const before = [...this.#book.alerts].map(essential).sort(byId);
        this.#book = this.#fresh();
        for (const bytes of this.#log) {
          const record = decodeAlertRecord(bytes);
          expect(record).toBeDefined();
          if (record?.type === 'alert') this.#book.restore(record.alert);
          if (record?.type === 'group') this.#book.restoreGroup(record.group);
        }
        this.#tick();
        expect([...this.#book.alerts].map(essential).sort(byId)).toEqual(before);
        return;
      }
    }
  }

  finish(): void {
    this.#checkOpen();
    for (const [rule] of RULES.entries()) {
      for (const [index] of WORKERS.entries()) this.#find(rule, index, false, false);
    }
    // Long enough for every silence, damping and wait to pass.
    for (let hours = 0; hours < 30; hours++) {
      this.#nowUs += HOUR_US;
      this.#tick();
    }
    expect([...this.#book.alerts, ...this.#book.groups]).toEqual([]);
    this.#checkTold();
  }

  #fresh(): AlertBook {
    const book = new AlertBook();
    book.configure(CONFIG);
    return book;
  }

  #find(rule: number, index: number, firing: boolean, critical: boolean): void {
    const { id, kind } = RULES[rule]!;
    const { subject, traits } = WORKERS[index]!;
    const verdict = firing ? 'firing' : 'ok';
    const severity = critical ? 'critical' : 'warning';
    this.#book.found(aFinding(this.#nowUs, { rule: id, kind, subject, traits, verdict, severity }));
    this.#verdicts.set(`${id} ${subject.worker}`, firing);
    if (firing) this.#checkOpen();
  }

  #tick(): void {
    const { notifications, groups, alerts } = this.#book.tick(this.#nowUs, FLEET);
    const records: AlertRecord[] = [
      ...notifications.map((notification) => ({ type: 'notification' as const, notification })),
      ...groups.map((group) => ({ type: 'group' as const, group })),
      ...alerts.map((alert) => ({ type: 'alert' as const, alert })),
    ];
    this.#log.push(...records.map(encodeAlertRecord));
    for (const notification of notifications) this.#checkSilence(notification);
    this.#checkNothingWaits();
    this.#checkOpen();
  }

  /** Whatever the detector says is wrong has an alert that is not resolved. */
  #checkOpen(): void {
    const open = new Set(
      [...this.#book.alerts]
        .filter(({ state }) => state !== 'resolved')
        .map(({ rule, subject }) => `${rule} ${subject.worker}`),
    );
    for (const [key, firing] of this.#verdicts) if (firing) expect(open).toContain(key);
  }

  /** What fires, is not silenced and has waited for its group was told. */
  #checkNothingWaits(): void {
    for (const alert of this.#book.alerts) {
      if (alert.state !== 'firing' || this.#isSilenced(alert)) continue;
      if (this.#nowUs - alert.firedAtUs >= DEFAULT_BOOK_OPTIONS.groupWaitUs)
        expect(alert.told.length).toBeGreaterThan(0);
    }
  }

  #checkSilence({ alerts }: Notification): void {
    for (const alert of alerts) expect(this.#isSilenced(alert)).toBe(false);
  }

  #isSilenced({ rule, subject, severity }: Pick<Alert, 'rule' | 'subject' | 'severity'>): boolean {
    if (subject.rack === 'r1' && this.#nowUs >= WINDOW.fromUs && this.#nowUs < WINDOW.toUs) return true;
    const hours = CONFIG.rules.get(rule)!.quietHours;
    return hours !== undefined && severity !== 'critical' && isQuiet(hours, this.#nowUs);
  }

  #checkTold(): void {
    const records = this.#log.map((bytes) => decodeAlertRecord(bytes)!);
    const notifications = records.flatMap((record) => (record.type === 'notification' ? [record.notification] : []));
    expect(new Set(notifications.map(({ id }) => id)).size).toBe(notifications.length);
    const begun = new Map<string, Set<string>>();
    const ended = new Map<string, Set<string>>();
    const steps = new Set<string>();
    for (const { about, channel, step: at, alerts, count } of notifications) {
      expect(alerts).toHaveLength(count);
      for (const { id } of alerts) {
        const channels = about === 'firing' ? begun : ended;
        if (about === 'resolved') expect(ended.get(id)?.has(channel) ?? false).toBe(false);
        channels.set(id, (channels.get(id) ?? new Set()).add(channel));
        if (about === 'resolved') continue;
        const name = `${id} ${at} ${channel}`;
        expect(steps).not.toContain(name);
        steps.add(name);
      }
    }
    expect(ended).toEqual(begun);
    // What the alerts themselves say of it is the same.
    const last = new Map(
      records.flatMap((record) => (record.type === 'alert' ? [[record.alert.id, record.alert]] : [])),
    );
    const said = [...last.values()].flatMap(({ id, told }) =>
      told.flatMap(({ step: at, channels }) => channels.map((channel) => `${id} ${at} ${channel}`)),
    );
    expect(said.sort()).toEqual([...steps].sort());
  }
}

/** What a restart must not change: newer evidence and the time of the last finding are not put on record. */
function essential({ evidence: _e, lastFindingUs: _l, ...rest }: Alert): Omit<Alert, 'evidence' | 'lastFindingUs'> {
  return rest;
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

it('tells everything once and loses nothing, whatever happens in whichever order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const run = new Run();
      for (const each of steps) run.take(each);
      run.finish();
    }),
    { numRuns: 150 },
  );
});

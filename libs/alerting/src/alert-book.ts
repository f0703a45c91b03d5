// All alerts, and what is owed to whom. Findings and commands change it at once; a tick moves it with time and says which messages have
// come due. It reads no clock and sends nothing: what it returns is appended to the log first, and sent by the outbox.
//
// Invariants: each step of an alert's escalation is told exactly once; an end is told if and only if the beginning was, to the same
// channels; a silence delays a telling and never loses the alert.
import { assert } from '@assay/kernel';
import { alertKey, type Alert, type AlertGroup, type Finding, type Notification } from './alert.ts';
import { acknowledge, afterFinding, afterRuleRemoved, afterTime, owesEnd, unacknowledge } from './life-cycle.ts';
import { DEFAULT_GROUPING, type Fleet, type GroupingRule } from './common-cause.ts';
import { isQuiet } from './quiet-hours.ts';
import { passesQuiet, QUIET, silences, type AlertRule, type MaintenanceWindow } from './rule.ts';
import { tellEnds, tellSteps, type DueStep } from './telling.ts';

export interface AlertConfig {
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly windows: readonly MaintenanceWindow[];
}

export interface BookOptions {
  readonly grouping: GroupingRule;
  /** What fires is told so much later, so that what fires with it is told in the same message. */
  readonly groupWaitUs: number;
  /** The end of a group's alerts is told when all have ended, or so long after the first did. */
  readonly groupEndWaitUs: number;
}

const SECOND_US = 1_000_000;

export const DEFAULT_BOOK_OPTIONS: BookOptions = {
  grouping: DEFAULT_GROUPING,
  groupWaitUs: 30 * SECOND_US,
  groupEndWaitUs: 300 * SECOND_US,
};

export type CommandOutcome =
  | { readonly type: 'done'; readonly alert: Alert }
  | { readonly type: 'refused'; readonly code: 'unknown_alert' | 'not_firing' | 'not_acknowledged' };

/** What changed since the last time it was asked for, to be put on record: the notifications first. */
export interface Changes {
  readonly notifications: readonly Notification[];
  readonly groups: readonly AlertGroup[];
  readonly alerts: readonly Alert[];
}

export class AlertBook {
  readonly #options: BookOptions;
  #config: AlertConfig | undefined;
  /** The current or last episode of each key. */
  readonly #current = new Map<string, Alert>();
  /** Earlier episodes whose end is still owed, by id. */
  readonly #ending = new Map<string, Alert>();
  readonly #groups = new Map<string, AlertGroup>();
  /** Alerts that have to be put on record, by id. */
  readonly #dirty = new Map<string, Alert>();
  /** Ids of groups that have to be. */
  readonly #dirtyGroups = new Set<string>();

  constructor(options: BookOptions = DEFAULT_BOOK_OPTIONS) {
    this.#options = options;
  }

  /** Rules and windows as they are now. Alerts of rules that are gone are resolved with the next tick. */
  configure(config: AlertConfig): void {
    this.#config = config;
  }

  /** Takes over what is on record: the last record of each alert and group, in the order they were written. */
  restore(alert: Alert): void {
    this.#dirty.delete(alert.id);
    const before = this.#current.get(alert.key);
    if (before !== undefined && before.id !== alert.id && alert.startedAtUs < before.startedAtUs) {
      if (owesEnd(alert)) this.#ending.set(alert.id, alert);
      else this.#ending.delete(alert.id);
      return;
    }
    if (before !== undefined && before.id !== alert.id && owesEnd(before)) this.#ending.set(before.id, before);
    this.#current.set(alert.key, alert);
  }

  restoreGroup(group: AlertGroup): void {
    this.#groups.set(group.id, group);
  }

  /** Puts everything that is not over on record again with the next tick: for what a log that forgets would soon have dropped. */
  recordAgain(isOld: (id: string) => boolean): void {
    for (const alert of [...this.#current.values(), ...this.#ending.values()]) {
      if ((alert.state !== 'resolved' || owesEnd(alert)) && isOld(alert.id)) this.#dirty.set(alert.id, alert);
    }
    for (const group of this.#groups.values()) if (isOld(group.id)) this.#dirtyGroups.add(group.id);
  }

  get alerts(): Iterable<Alert> {
    return this.#current.values();
  }

  get groups(): Iterable<AlertGroup> {
    return this.#groups.values();
  }

  /** Findings of unknown rules are ignored: the rule was removed while they were under way. */
  found(finding: Finding): void {
    const rule = this.#rule(finding.rule);
    if (rule === undefined) return;
    const before = this.#current.get(alertKey(finding));
    const after = afterFinding(before, finding, rule);
    if (after === undefined || after === before) return;
    this.#put(before, after);
  }

  acknowledge(id: string, by: string, atUs: number): CommandOutcome {
    return this.#command(id, 'not_firing', (alert) => acknowledge(alert, by, atUs));
  }

  unacknowledge(id: string, atUs: number): CommandOutcome {
    return this.#command(id, 'not_acknowledged', (alert) => unacknowledge(alert, atUs));
  }

  /** Moves everything to `nowUs` and returns what has to be put on record, and with it, told. */
  tick(nowUs: number, fleet: Fleet): Changes {
    // Without rules every alert would seem to be one of a rule that was removed.
    assert(this.#config !== undefined, 'the book of alerts was never configured');
    this.#moveOn(nowUs);
    const lasting = this.#lastingGroups();
    const steps = tellSteps(this.#dueSteps(nowUs), this.#inTrouble(), {
      nowUs,
      fleet,
      grouping: this.#options.grouping,
      // What is on record of groups goes back for months, and the end of one may still be owed: nobody joins those.
      openGroups: [...this.#groups.values()].filter(({ id }) => lasting.has(id)),
    });
    const ends = tellEnds(this.#owedEnds(nowUs), this.#groups, {
      nowUs,
      waitUs: this.#options.groupEndWaitUs,
      lasting,
    });
    for (const alert of [...steps.alerts, ...ends.alerts]) this.#replace(alert);
    for (const group of [...steps.groups, ...ends.groups]) {
      this.#groups.set(group.id, group);
      this.#dirtyGroups.add(group.id);
    }
    const groups = [...this.#groups.values()].filter(({ id }) => this.#dirtyGroups.has(id));
    this.#dirtyGroups.clear();
    const alerts = [...this.#dirty.values()];
    this.#dirty.clear();
    this.#forget(nowUs);
    return { notifications: [...steps.notifications, ...ends.notifications], groups, alerts };
  }

  #rule(id: string): AlertRule | undefined {
    return this.#config?.rules.get(id);
  }

  #moveOn(nowUs: number): void {
    for (const before of [...this.#current.values()]) {
      const rule = this.#rule(before.rule);
      const moved = rule === undefined ? afterRuleRemoved(before, nowUs) : afterTime(before, nowUs, rule);
      const silencedBy = this.#silence(moved, rule, nowUs);
      const after = silencedBy === moved.silencedBy ? moved : { ...moved, silencedBy };
      if (after !== before) this.#put(before, after);
    }
    for (const alert of [...this.#ending.values()]) {
      const silencedBy = this.#silence(alert, this.#rule(alert.rule), nowUs);
      if (silencedBy !== alert.silencedBy) this.#replace({ ...alert, silencedBy });
    }
  }

  /** Only what may be told is silenced: not what is pending, nor what is over and done with. */
  #silence(alert: Alert, rule: AlertRule | undefined, nowUs: number): string {
    if (alert.state === 'pending' || (alert.state === 'resolved' && !owesEnd(alert))) return '';
    const window = this.#config!.windows.find((each) => silences(each, alert.subject, nowUs));
    if (window !== undefined) return window.id;
    const hours = rule?.quietHours;
    return hours !== undefined && !passesQuiet(hours, alert.severity) && isQuiet(hours, nowUs) ? QUIET : '';
  }

  #dueSteps(nowUs: number): DueStep[] {
    const due: DueStep[] = [];
    for (const alert of this.#current.values()) {
      if (alert.state !== 'firing' || alert.silencedBy !== '') continue;
      const steps = this.#rule(alert.rule)?.steps ?? [];
      // The delays of later steps begin with the first telling, so a tick tells of the first step alone.
      if (alert.told.length === 0) {
        const first = steps[0];
        if (first !== undefined && nowUs - alert.firedAtUs >= this.#options.groupWaitUs) {
          due.push({ alert, step: 0, channels: first.channels });
        }
        continue;
      }
      for (let step = alert.told.length; step < steps.length; step++) {
        const { afterUs, channels } = steps[step]!;
        if (nowUs - alert.escalatesFromUs < afterUs) break;
        due.push({ alert, step, channels });
      }
    }
    return due;
  }

  #inTrouble(): Alert[] {
    return [...this.#current.values()].filter(({ state }) => state === 'firing' || state === 'acknowledged');
  }

  #owedEnds(nowUs: number): Alert[] {
    const current = [...this.#current.values()].filter((alert) => owesEnd(alert));
    return [...this.#ending.values(), ...current].filter(
      (alert) => alert.silencedBy === '' && nowUs >= alert.resolved!.atUs,
    );
  }

  /** Groups one of whose alerts is still open. */
  #lastingGroups(): Set<string> {
    const lasting = new Set<string>();
    for (const alert of this.#current.values()) {
      if (alert.state === 'resolved') continue;
      for (const { group } of alert.told) if (group !== '') lasting.add(group);
    }
    return lasting;
  }

  #command(
    id: string,
    refusal: 'not_firing' | 'not_acknowledged',
    change: (alert: Alert) => Alert | undefined,
  ): CommandOutcome {
    const alert = [...this.#current.values()].find((each) => each.id === id);
    if (alert === undefined) return { type: 'refused', code: 'unknown_alert' };
    const after = change(alert);
    if (after === undefined) return { type: 'refused', code: refusal };
    this.#put(alert, after);
    return { type: 'done', alert: after };
  }

  #put(before: Alert | undefined, after: Alert): void {
    if (before !== undefined && before.id !== after.id && owesEnd(before)) this.#ending.set(before.id, before);
    this.#current.set(after.key, after);
    if (before === undefined || before.id !== after.id || worthRecording(before, after))
      this.#dirty.set(after.id, after);
    else if (this.#dirty.has(after.id)) this.#dirty.set(after.id, after);
  }

  /** Puts an alert back where it is, an earlier episode among those that end. */
  #replace(alert: Alert): void {
    this.#dirty.set(alert.id, alert);
    if (this.#current.get(alert.key)?.id === alert.id) this.#current.set(alert.key, alert);
    else if (owesEnd(alert)) this.#ending.set(alert.id, alert);
    else this.#ending.delete(alert.id);
  }

  /** What is over, owes nothing and no longer counts for flapping is let go: the log keeps it. */
  #forget(nowUs: number): void {
    for (const [key, alert] of this.#current) {
      if (alert.state !== 'resolved' || owesEnd(alert)) continue;
      const withinUs = this.#rule(alert.rule)?.flapping.withinUs ?? 0;
      const lastFiredUs = alert.recentFiringsUs.at(-1) ?? 0;
      if (nowUs - lastFiredUs >= withinUs) this.#current.delete(key);
    }
    const lasting = this.#lastingGroups();
    for (const alert of [...this.#ending.values(), ...this.#current.values()]) {
      if (owesEnd(alert)) for (const { group } of alert.told) lasting.add(group);
    }
    for (const id of this.#groups.keys()) if (!lasting.has(id)) this.#groups.delete(id);
  }
}

// A detector repeats its verdict every minute. Recording each would be 1,440 records a day for every alert that lasts; what they add is
// newer evidence alone.
function worthRecording(before: Alert, after: Alert): boolean {
  return (
    before.state !== after.state ||
    before.okSinceUs !== after.okSinceUs ||
    before.silencedBy !== after.silencedBy ||
    before.severity !== after.severity ||
    before.acknowledged !== after.acknowledged ||
    before.told !== after.told
  );
}

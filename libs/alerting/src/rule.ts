// What the life cycle has to know of a rule: how long trouble must last, how it is damped, and who is told when.
import type { RuleKind, Severity, Subject } from './alert.ts';
import type { QuietHours } from './quiet-hours.ts';

export interface EscalationStep {
  /** After the first telling, microseconds; 0 for the first step. */
  readonly afterUs: number;
  /** Ids of channels. */
  readonly channels: readonly string[];
}

export interface FlappingDamping {
  /** So many firings within `withinUs` make an alert flapping. */
  readonly times: number;
  readonly withinUs: number;
  /** A flapping alert is resolved only after so long without trouble. */
  readonly calmUs: number;
}

export interface AlertRule {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly kind: RuleKind;
  /** Trouble must have lasted so long before the alert fires. */
  readonly forUs: number;
  /** The verdict must have been ok so long before it is resolved. */
  readonly clearForUs: number;
  readonly flapping: FlappingDamping;
  /** In order of time; without one nobody is told, and the alert is only on record. */
  readonly steps: readonly EscalationStep[];
  readonly quietHours?: QuietHours;
}

export interface MaintenanceWindow {
  readonly id: string;
  /** '*' for every tenant. */
  readonly tenant: string;
  /** Workers and places: whoever's name is one of these or lies below it. Empty: everything of the tenant. */
  readonly under: readonly string[];
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** Whether the window silences the subject at a time. */
export function silences({ tenant, under, fromUs, toUs }: MaintenanceWindow, subject: Subject, atUs: number): boolean {
  if (atUs < fromUs || atUs >= toUs || (tenant !== '*' && tenant !== subject.tenant)) return false;
  const name = nameOf(subject);
  return under.length === 0 || under.some((place) => name === place || name.startsWith(`${place}.`));
}

/** A subject as a worker's name is written, as far as it goes. */
function nameOf({ tenant, site, rack, worker }: Subject): string {
  return worker === '' ? [tenant, site, rack].filter((part) => part !== '').join('.') : worker;
}

/** What keeps an alert from being told at a time: the id of a maintenance window, 'quiet hours', or '' for nothing. */
export const QUIET = 'quiet hours';

export function passesQuiet(hours: QuietHours, severity: Severity): boolean {
  return hours.passes.includes(severity);
}

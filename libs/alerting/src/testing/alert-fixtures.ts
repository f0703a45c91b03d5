// Findings, rules and fleets for tests, with the defaults that most tests do not care about.
import type { Finding, Subject } from '../alert.ts';
import { countFleet, type Fleet, type FleetMember } from '../common-cause.ts';
import type { AlertRule } from '../rule.ts';

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
/** A Wednesday, 12:00 UTC. */
export const NOON_US = Date.UTC(2026, 0, 14, 12) * 1000;

export const NO_FLEET: Fleet = countFleet([]);

export function workerSubject(worker: string): Subject {
  const [tenant = '', site = '', rack = ''] = worker.split('.');
  return { tenant, site, rack, worker };
}

export function aRule(changes: Partial<AlertRule> = {}): AlertRule {
  return {
    id: 'offline',
    tenant: 'acme',
    name: 'Worker offline',
    kind: 'offline',
    forUs: 2 * MINUTE_US,
    clearForUs: MINUTE_US,
    flapping: { times: 4, withinUs: HOUR_US, calmUs: 20 * MINUTE_US },
    steps: [{ afterUs: 0, channels: ['chat'] }],
    ...changes,
  };
}

export function aFinding(atUs: number, changes: Partial<Finding> = {}): Finding {
  return {
    rule: 'offline',
    kind: 'offline',
    subject: workerSubject('acme.north.r1.m1'),
    atUs,
    verdict: 'firing',
    severity: 'warning',
    evidence: { 'last share': '4 minutes ago' },
    ...changes,
  };
}

/** A site of racks of machines: `acme.SITE.rN.mN`. */
export function aSite(
  site: string,
  racks: number,
  machines: number,
  traits: FleetMember['traits'] = {},
): FleetMember[] {
  return Array.from({ length: racks * machines }, (_, i) => ({
    subject: workerSubject(`acme.${site}.r${Math.floor(i / machines) + 1}.m${(i % machines) + 1}`),
    traits,
  }));
}

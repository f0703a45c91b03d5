// What everybody may ask for within a minute, in values of answers by estimate, so that no integrator's loop takes the gateway from the others.
// The most generous of somebody's roles counts. Each gateway counts for itself. Pure but for what it remembers.
// Bounded: MAX_ASKERS; whoever asked longest ago gives way, and has a full budget again, as they would after a minute anyhow.
import type { Role } from '@assay/tenancy';
import { ClientError } from '../errors.ts';
import type { Viewer } from './viewer.ts';

export type CostPerMinute = Readonly<Record<Role, number>>;

/** A page of the dashboard that stays open asks for some 100,000 a minute. */
export const COST_PER_MINUTE: CostPerMinute = {
  operator_admin: 50_000_000,
  site_manager: 20_000_000,
  technician: 10_000_000,
  customer: 5_000_000,
  auditor: 5_000_000,
  data_reader: 20_000_000,
};
/** Who has no role, or not yet their second factor, may ask who they are. */
const WITHOUT_ROLE = 20_000;
const MAX_ASKERS = 20_000;
const MINUTE_MS = 60_000;

export interface Spent {
  /** Values the answer may hold. */
  readonly cost: number;
  /** What may still be asked for now; it grows by `perMinute` a minute, up to that. */
  readonly left: number;
  readonly perMinute: number;
}

export class CostBudget {
  readonly #perMinute: CostPerMinute;
  readonly #budgets = new Map<string, { readonly left: number; readonly atMs: number }>();

  constructor(perMinute: CostPerMinute) {
    this.#perMinute = perMinute;
  }

  /** Takes what an operation costs. Throws a ClientError, and takes nothing, when that is more than is left. */
  spend({ actor, access }: Viewer, cost: number, nowMs: number): Spent {
    const perMinute = Math.max(WITHOUT_ROLE, ...access.roles.map((role) => this.#perMinute[role]));
    const asker = `${actor.kind} ${actor.id}`;
    const kept = this.#budgets.get(asker) ?? { left: perMinute, atMs: nowMs };
    const grown = (Math.max(0, nowMs - kept.atMs) / MINUTE_MS) * perMinute;
    const left = Math.min(perMinute, kept.left + grown) - cost;
    if (left < 0) throw refusal(cost, perMinute, -left);
    this.#budgets.delete(asker);
    this.#budgets.set(asker, { left, atMs: nowMs });
    if (this.#budgets.size > MAX_ASKERS) this.#forgetOldest();
    return { cost, left: Math.floor(left), perMinute };
  }

  /** A Map keeps the order in which entries were set. */
  #forgetOldest(): void {
    for (const oldest of this.#budgets.keys()) return void this.#budgets.delete(oldest);
  }
}

function refusal(cost: number, perMinute: number, missing: number): ClientError {
  if (cost > perMinute)
    return new ClientError(
      'COST_LIMIT',
      `The answer could hold about ${Math.round(cost)} values; you may ask for ${perMinute} a minute. Ask for fewer entries (first), points (maxPoints) or fields.`,
    );
  const seconds = Math.max(1, Math.ceil((missing / perMinute) * 60));
  return new ClientError(
    'COST_LIMIT',
    `You have asked for ${perMinute} values within a minute, as much as you may. Wait ${seconds} s, ask for less at once, or subscribe in place of asking again and again.`,
    { retriable: true },
  );
}

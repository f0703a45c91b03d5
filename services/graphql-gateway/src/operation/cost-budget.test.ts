import { Access, FULL_ACCESS, NO_ACCESS, type Role } from '@assay/tenancy';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../errors.ts';
import { COST_PER_MINUTE, CostBudget } from './cost-budget.ts';
import type { Viewer } from './viewer.ts';

const LIMITS = { ...COST_PER_MINUTE, customer: 60_000, auditor: 120_000 };
const viewer = (id: string, ...roles: readonly Role[]): Viewer => ({
  actor: { kind: 'user', id },
  access: new Access(roles.map((role) => ({ role, tenant: 'acme' }))),
});

function refusedAt(budget: CostBudget, asker: Viewer, cost: number, nowMs: number): ClientError | undefined {
  try {
    budget.spend(asker, cost, nowMs);
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}

describe('CostBudget', () => {
  it("lets somebody ask for a minute's worth at once, and then as fast as it grows back", () => {
    const budget = new CostBudget(LIMITS);
    const ann = viewer('ann', 'customer');
    expect(budget.spend(ann, 60_000, 0)).toEqual({ cost: 60_000, left: 0, perMinute: 60_000 });
    const refused = refusedAt(budget, ann, 2_000, 1_000);
    expect(refused?.extensions).toMatchObject({ code: 'COST_LIMIT', retriable: true });
    expect(refused?.message).toContain('Wait 1 s');
    expect(budget.spend(ann, 2_000, 2_000)).toMatchObject({ left: 0 });
    expect(budget.spend(ann, 1, 10 * 60_000)).toMatchObject({ left: 59_999 });
  });

  it("says that waiting does not help with what is more than a minute's worth", () => {
    const refused = refusedAt(new CostBudget(LIMITS), viewer('ann', 'customer'), 60_001, 0);
    expect(refused?.extensions).toMatchObject({ code: 'COST_LIMIT', retriable: false });
  });

  it('counts everybody apart, by their most generous role', () => {
    const budget = new CostBudget(LIMITS);
    expect(budget.spend(viewer('ann', 'customer'), 60_000, 0).left).toBe(0);
    expect(budget.spend(viewer('bob', 'customer', 'auditor'), 60_000, 0).left).toBe(60_000);
    expect(budget.spend({ actor: { kind: 'system', id: 'open' }, access: FULL_ACCESS }, 1, 0).perMinute).toBe(
      COST_PER_MINUTE.operator_admin,
    );
  });

  it('leaves who has no role enough to see who they are', () => {
    const nobody: Viewer = { actor: { kind: 'user', id: 'new' }, access: NO_ACCESS, owed: 'code' };
    expect(new CostBudget(LIMITS).spend(nobody, 100, 0).perMinute).toBe(20_000);
  });

  it('remembers no more than its bound, and forgets first who asked longest ago', () => {
    const budget = new CostBudget(LIMITS);
    budget.spend(viewer('first', 'customer'), 50_000, 0);
    budget.spend(viewer('second', 'customer'), 50_000, 0);
    for (let i = 0; i < 19_999; i++) budget.spend(viewer(`other${i}`, 'customer'), 1, 0);
    expect(budget.spend(viewer('second', 'customer'), 0, 0).left).toBe(10_000);
    expect(budget.spend(viewer('first', 'customer'), 0, 0).left).toBe(60_000);
  });
});

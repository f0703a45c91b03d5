// What validators told of gateways, on the real engine, as rules of the pool hear of it.
import { type AnalyticsStore } from '@assay/analytics';
import { ControlState } from '@assay/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IntegrityWatch } from './integrity-watch.ts';
import { UpstreamWatch } from './upstream-watch.ts';
import { startTestStore, type TestStore } from '../testing/test-store.ts';

const START_US = 1_767_571_200e6;
const MINUTE_US = 60e6;
const SIGNAL = new AbortController().signal;

let clickHouse: TestStore;
let store: AnalyticsStore;

beforeAll(async () => {
  clickHouse = await startTestStore();
  ({ store } = clickHouse);
});
afterAll(() => clickHouse.stop());

function withRules(...looksFor: readonly (readonly [tenant: string, kind: string, minutes?: number])[]): ControlState {
  const control = new ControlState();
  const rules = looksFor.map(([tenant, kind, minutes], i) => ({
    op: 'put' as const,
    kind: 'alert_rule',
    id: `rule${i}`,
    body: {
      tenant,
      name: kind,
      enabled: true,
      under: [],
      groups: [],
      looksFor: { kind, ...(minutes === undefined ? {} : { minutes }) },
      severity: 'critical',
      forSeconds: 0,
      clearForSeconds: 0,
      steps: [],
    },
  }));
  const tenant = {
    op: 'put' as const,
    kind: 'tenant',
    id: 'acme',
    body: { name: 'Acme', kind: 'hosting', autoRegister: true },
  };
  const by = { kind: 'system', id: 'test' } as const;
  expect(control.apply({ type: 'change', request: 'r', by, changes: [tenant, ...rules] }, START_US)).toMatchObject({
    applied: true,
  });
  return control;
}

async function disagreed(atUs: number, gateway: string, reason: string, accepted: number, rejected = 0): Promise<void> {
  await store.command(
    `INSERT INTO assay.events (at, type, id, gateway, reason, accepted, rejected)
     VALUES (fromUnixTimestamp64Micro(${atUs}), 'integrity', '${gateway}${atUs}', '${gateway}', '${reason}', ${accepted}, ${rejected})`,
  );
}

it('a gateway that is disagreed with is told of once, and is well again after its quiet time', async () => {
  const watch = new IntegrityWatch(store, withRules(['*', 'integrity', 5]));
  const told = async (minute: number, fresh = false): Promise<string[]> => {
    const findings = await watch.findings(START_US + minute * MINUTE_US, fresh, SIGNAL);
    return findings.map(({ verdict, traits }) => `${verdict} ${traits?.gateway}`);
  };
  expect(await told(0)).toEqual([]);
  await disagreed(START_US + MINUTE_US, 'edge-7', 'unproven', 12);
  await disagreed(START_US + 1.5 * MINUTE_US, 'edge-7', 'refuted_stale', 0, 3);
  // An append made again: no lie.
  await disagreed(START_US + MINUTE_US, 'edge-8', 'duplicate', 40);
  const [finding, ...others] = await watch.findings(START_US + 2 * MINUTE_US, false, SIGNAL);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    kind: 'integrity',
    verdict: 'firing',
    subject: { tenant: '*', site: '', rack: '', worker: '' },
    traits: { gateway: 'edge-7' },
    evidence: {
      what: 'Validators disagree with edge-7: 12 shares it accepted are rejected, 3 shares it rejected are good (refuted_stale, unproven).',
    },
  });
  expect(await told(3)).toEqual([]);
  expect(await told(4, true)).toEqual(['firing edge-7']);
  expect(await told(6)).toEqual([]);
  expect(await told(7)).toEqual(['ok edge-7']);
  expect(await told(8)).toEqual([]);
});

it('a rule of a tenant is told of no upstream of the pool', async () => {
  await store.command(
    `INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at) VALUES ('pool', 'p:1', 'g', fromUnixTimestamp64Micro(${START_US}))`,
  );
  const watch = new UpstreamWatch(store, withRules(['acme', 'upstream_down', 2], ['*', 'upstream_down', 2]));
  const found = await watch.findings(START_US + 10 * MINUTE_US, true, SIGNAL);
  expect(found.map(({ rule, traits }) => [rule, traits?.upstream])).toEqual([['rule1', 'pool']]);
});

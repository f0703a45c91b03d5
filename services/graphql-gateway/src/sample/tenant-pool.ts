// A gateway without its sockets, on a pool in which some tenants mine: for tests of what each viewer is told.
import { MemoryLiveState } from '@assay/adapter-memory';
import type { AnalyticsStore } from '@assay/analytics';
import type { ControlLog } from '@assay/control-log';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { Access, tenantOf, type Grant, type ObjectChange } from '@assay/tenancy';
import type { AlertLog } from '../alerts/alert-log.ts';
import type { World } from '../access/leak-search.ts';
import { graphqlGatewaySettings } from '../config.ts';
import { createResolverPorts } from '../gateway.ts';
import { GatewayMetrics } from '../metrics.ts';
import { Moment } from '../operation/moment.ts';
import type { Viewer } from '../operation/viewer.ts';
import type { IdentityResolverPorts } from '../resolvers/identity/ports.ts';
import type { ResolverPorts } from '../resolvers/ports.ts';
import { createSchema } from '../schema.ts';
import { RememberedOrders } from '../workers/remembered-orders.ts';
import { sampleIdentityPorts } from './identity-ports.ts';
import { sampleAlert, sampleMessage } from './sample-alerts.ts';
import { beginLive, NOW_US } from './sample-farm.ts';
import { followAlerts, followControl, memoryLog, TestClock } from './sample-gateway.ts';
import { startSampleStore, type SampleStore } from './sample-store.ts';
import { ACME, ACME_TOO, applyTenants, BRAVO, insertTenants, type TenantTraits } from './tenants-farm.ts';

export const EVERY_TENANT = [ACME, ACME_TOO, BRAVO];

export function viewer(...grants: Grant[]): Viewer {
  return { actor: { kind: 'user', id: 'somebody' }, access: new Access(grants) };
}

export class TenantPool {
  readonly tenants: readonly TenantTraits[];
  readonly clock: TestClock;
  readonly live: MemoryLiveState;
  readonly control: ControlLog;
  readonly alerts: AlertLog;
  readonly #sample: SampleStore;
  readonly ports: ResolverPorts;
  readonly identity: IdentityResolverPorts;

  private constructor(
    tenants: readonly TenantTraits[],
    sample: SampleStore,
    control: ControlLog,
    alerts: AlertLog,
    clock: TestClock,
  ) {
    this.tenants = tenants;
    this.clock = clock;
    this.live = new MemoryLiveState({ clock });
    this.#sample = sample;
    this.control = control;
    this.alerts = alerts;
    const config = parseSettings(graphqlGatewaySettings, {});
    const { live } = this;
    const ports = { store: sample.store, live, control, alerts, clock, logger: silentLogger };
    this.ports = {
      ...createResolverPorts(config, ports, new GatewayMetrics(new Registry())),
      orders: new RememberedOrders('one'),
    };
    this.identity = sampleIdentityPorts(control, clock);
  }

  static async start(tenants: readonly TenantTraits[]): Promise<TenantPool> {
    const sample = await startSampleStore();
    const clock = new TestClock();
    const log = await memoryLog(clock);
    const pool = new TenantPool(tenants, sample, await followControl(log), await followAlerts(log), clock);
    await pool.#makeUsers();
    await pool.#makeAlerts();
    await insertTenants(sample.store, tenants, EVERY_TENANT);
    await beginLive(pool.live);
    await applyTenants(pool.live, tenants, NOW_US);
    return pool;
  }

  /** Of each tenant a user with a session and a key, a key of a service, and an entry of every kind. */
  async #makeUsers(): Promise<void> {
    const changes = this.tenants.flatMap(({ workers, sharesPerMinute }): ObjectChange[] => {
      const id = tenantOf(workers[0]!);
      const user = `${id}-admin-user`;
      const grants = [{ role: 'operator_admin', tenant: id }];
      const times = { createdAtUs: NOW_US, expiresAtUs: NOW_US + 86_400e6 };
      const key = { tokenHash: `${id}-key`, shown: `assay_${id}`.slice(0, 16), createdAtUs: NOW_US };
      const service = { ...key, name: `${id}-service`, grants, tokenHash: `${id}-service-key` };
      const session = { user, tokenHash: `${id}-session`, method: 'password', remoteAddress: `${id}-address` };
      return [
        { op: 'put', kind: 'tenant', id, body: { name: id, kind: 'hosting', autoRegister: true } },
        {
          op: 'put',
          kind: 'user',
          id: user,
          body: { email: `${id}-person@example.org`, name: `${id}-person`, grants, disabled: false },
        },
        {
          op: 'put',
          kind: 'session',
          id: `${id}-session`,
          body: { ...session, ...times, userAgent: `${id}-browser` },
        },
        { op: 'put', kind: 'api_key', id: `${id}-key`, body: { ...key, name: `${id}-script`, user, grants: [] } },
        { op: 'put', kind: 'api_key', id: `${id}-service`, body: service },
        { op: 'put', kind: 'site', id: `${id}.hall`, body: { name: `${id}-hall`, location: `${id}-street` } },
        {
          op: 'put',
          kind: 'group',
          id: `${id}-group`,
          body: { tenant: id, name: `${id}-row`, under: [`${id}.hall`], tags: [`${id}-tag`] },
        },
        ...[workers[0]!, `${id}.hall.waiting`].map((worker, i): ObjectChange => ({
          op: 'put',
          kind: 'worker',
          id: worker,
          body: {
            standing: i === 0 ? 'active' : 'quarantined',
            tags: [`${id}-tag`],
            model: `${id}-model`,
            ratedPowerWatts: sharesPerMinute * 101,
          },
        })),
        {
          op: 'put',
          kind: 'alert_channel',
          id: `${id}-channel`,
          body: {
            tenant: id,
            name: `${id}-chat`,
            enabled: true,
            sendsTo: { type: 'mail', to: [`${id}-alerts@example.org`] },
          },
        },
        {
          op: 'put',
          kind: 'webhook',
          id: `${id}-hook`,
          body: {
            tenant: id,
            name: `${id}-program`,
            enabled: true,
            url: `https://${id}.example/hook`,
            sealedSecrets: [`${id}-sealed`],
          },
        },
        {
          op: 'put',
          kind: 'alert_rule',
          id: `${id}-rule`,
          body: {
            tenant: id,
            name: `${id}-offline`,
            enabled: true,
            under: [],
            groups: [`${id}-group`],
            looksFor: { kind: 'offline' },
            severity: 'warning',
            forSeconds: 0,
            clearForSeconds: 0,
            steps: [{ afterMinutes: 0, channels: [`${id}-channel`], webhooks: [`${id}-hook`] }],
          },
        },
        {
          op: 'put',
          kind: 'maintenance_window',
          id: `${id}-window`,
          body: { tenant: id, name: `${id}-works`, under: [`${id}.hall`], fromUs: NOW_US, untilUs: NOW_US + 3600e6 },
        },
        {
          op: 'put',
          kind: 'ownership',
          id: `${id}-lease`,
          body: { of: `${id}.hall`, holder: id, fraction: 0.25, fromUs: NOW_US, note: `${id}-contract` },
        },
      ];
    });
    const outcome = await this.control.change({ kind: 'system', id: 'test' }, changes);
    if (!outcome.applied) throw new Error(outcome.refusal.message);
  }

  /** Of each tenant an alert that was told, and is acknowledged. */
  async #makeAlerts(): Promise<void> {
    const records = this.tenants.flatMap(({ workers }) => {
      const id = tenantOf(workers[0]!);
      const by = `user:${id}-admin-user`;
      const alert = sampleAlert(workers[0]!, {
        id: `${id}-alert`,
        rule: `${id}-rule`,
        state: 'acknowledged',
        acknowledged: { by, atUs: NOW_US },
        evidence: { what: `${id}-evidence` },
      });
      return [sampleMessage(alert, `${id}-channel`), { type: 'alert' as const, alert }];
    });
    await this.alerts.append(records);
    await this.alerts.until(() => [...this.alerts.inbox.all()].length === this.tenants.length, 10_000);
  }

  world(as: Viewer, schema = createSchema(this.ports, this.identity)): World {
    return { schema, context: () => ({ viewer: as, moment: new Moment(this.ports, as) }) };
  }

  get store(): AnalyticsStore {
    return this.#sample.store;
  }

  async stop(): Promise<void> {
    this.alerts.close();
    this.control.close();
    await this.live.close();
    await this.#sample.stop();
  }
}

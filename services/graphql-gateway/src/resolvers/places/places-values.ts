// Entries of tenants, sites, groups, workers and ownership as the schema shows them to a viewer. Secrets are never in them.
import { siteOf, tenantOf, type ControlKind, type ControlObject, type ControlState, type Worker } from '@assay/tenancy';
import { actorValue, givesIt } from '../../access/visible-entries.ts';
import type { Viewer } from '../../operation/viewer.ts';

/** Internal values of schema enums, for makeExecutableSchema. */
export const PLACE_ENUMS = {
  ActorKind: { USER: 'user', KEY: 'key', SYSTEM: 'system' },
  TenantKind: { OPERATOR: 'operator', HOSTING: 'hosting', CLOUD: 'cloud' },
  WorkerStanding: { ACTIVE: 'active', QUARANTINED: 'quarantined', RETIRED: 'retired' } satisfies Record<
    string,
    Worker['standing']
  >,
};

export class PlaceValues {
  readonly #viewer: Viewer;
  readonly #state: ControlState;

  constructor(viewer: Viewer, state: ControlState) {
    this.#viewer = viewer;
    this.#state = state;
  }

  tenant = (object: ControlObject<'tenant'>) => {
    const { requireSecondFactor = false, ...body } = object.body;
    return { ...this.#stamp(object), ...body, requireSecondFactor, enteredWorkers: this.#state.workersOf(object.id) };
  };

  site = (object: ControlObject<'site'>) => ({ ...this.#stamp(object), ...object.body, tenant: tenantOf(object.id) });

  group = (object: ControlObject<'group'>) => ({ ...this.#stamp(object), ...object.body });

  worker = (object: ControlObject<'worker'>) => {
    const { secretHash, expectedHashRateHs, ...body } = object.body;
    const tenant = tenantOf(object.id);
    return {
      ...this.#stamp(object),
      ...body,
      name: object.id,
      tenant,
      site: siteOf(object.id)?.slice(tenant.length + 1) ?? '',
      expectedHashRate: expectedHashRateHs,
      hasSecret: secretHash !== undefined,
    };
  };

  ownership = (object: ControlObject<'ownership'>) => {
    const { of, holder, fraction, fromUs, untilUs, promisedHashRateHs, note } = object.body;
    return {
      ...this.#stamp(object),
      of,
      holder,
      fraction,
      from: fromUs,
      until: untilUs,
      promisedHashRate: promisedHashRateHs,
      note: givesIt(this.#viewer, object, this.#state) ? note : null,
    };
  };

  #stamp<Kind extends ControlKind>({ id, version, createdAtUs, changedAtUs, changedBy }: ControlObject<Kind>) {
    return {
      id,
      version,
      createdAt: createdAtUs,
      changedAt: changedAtUs,
      changedBy: () => actorValue(this.#viewer, changedBy, this.#state),
    };
  }
}

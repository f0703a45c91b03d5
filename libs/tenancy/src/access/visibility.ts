// Which workers somebody sees, and since when: all of a tenant or of one of its sites, as their grants say, and what their tenants hold shares
// of, within the dates of the holding. Pure. Invariant: what is named nowhere is not seen; what belongs to no worker is seen with `pool` alone.
import { siteOf, tenantOf } from '../control/kinds/places.ts';
import { holdsAt, type Ownership } from '../control/kinds/workers.ts';
import type { Access } from './access.ts';
import { EVERY_TENANT, type Permission } from './roles.ts';

/** A worker, or the workers of a site or rack, seen within dates. Microseconds since 1970; without an end for as long as it is not given one. */
export type HeldPart = Pick<Ownership, 'of' | 'fromUs' | 'untilUs'>;

export interface VisibleParts {
  /** Every worker there is; the rest then says nothing more. */
  readonly everyWorker: boolean;
  /** What belongs to no tenant: upstream pools, job templates, gateways. */
  readonly pool: boolean;
  readonly tenants: readonly string[];
  /** `tenant.site` each. */
  readonly sites: readonly string[];
  readonly held: readonly HeldPart[];
}

const NOTHING: VisibleParts = { everyWorker: false, pool: false, tenants: [], sites: [], held: [] };

export class Visibility {
  readonly parts: VisibleParts;
  /** The same text for the same parts: what an answer made for one may be kept under. */
  readonly key: string;
  readonly #tenants: ReadonlySet<string>;
  readonly #sites: ReadonlySet<string>;
  readonly #held: ReadonlyMap<string, readonly HeldPart[]>;

  constructor(parts: Partial<VisibleParts>) {
    const { everyWorker, pool, tenants, sites, held } = { ...NOTHING, ...parts };
    const wholeTenants = [...new Set(tenants)].filter((tenant) => tenant !== '').sort();
    this.#tenants = new Set(wholeTenants);
    const ownSites = [...new Set(sites)]
      .filter((site) => siteOf(site) === site && !this.#tenants.has(tenantOf(site)))
      .sort();
    this.#sites = new Set(ownSites);
    const others = held.filter(({ of }) => of !== '' && !this.#tenants.has(tenantOf(of))).sort(byName);
    this.#held = grouped(others);
    this.parts = everyWorker
      ? { ...NOTHING, everyWorker, pool }
      : { everyWorker, pool, tenants: wholeTenants, sites: ownSites, held: others };
    this.key = JSON.stringify([
      everyWorker,
      pool,
      this.parts.tenants,
      this.parts.sites,
      this.parts.held.map(({ of, fromUs, untilUs }) => [of, fromUs, untilUs]),
    ]);
  }

  /** Whether nothing is kept from them. */
  get everything(): boolean {
    return this.parts.everyWorker && this.parts.pool;
  }

  sees(worker: string, atUs: number): boolean {
    return this.seesSinceUs(worker, atUs) !== undefined;
  }

  /** Since when the worker's history is theirs to see: 0 for all of it, undefined when at that moment the worker is not. */
  seesSinceUs(worker: string, atUs: number): number | undefined {
    return this.seesWhole(worker) ? 0 : this.#heldSinceUs(worker, atUs);
  }

  /** Whether the worker is theirs to see at any time, and not for a share of it alone. */
  seesWhole(worker: string): boolean {
    if (worker === '') return this.parts.pool;
    if (this.parts.everyWorker || this.#tenants.has(tenantOf(worker))) return true;
    const site = siteOf(worker);
    return site !== undefined && this.#sites.has(site);
  }

  /** Whether a row about the worker ('' for a row about none) at a moment, or from it on for so long, is theirs to see: all of it must be. */
  seesRow(worker: string, atUs: number, lengthUs = 0): boolean {
    return (
      this.seesWhole(worker) ||
      this.#heldOver(worker).some(
        ({ fromUs, untilUs = Infinity }) =>
          fromUs <= atUs && (lengthUs === 0 ? atUs < untilUs : atUs + lengthUs <= untilUs),
      )
    );
  }

  #heldSinceUs(worker: string, atUs: number): number | undefined {
    const starts = this.#heldOver(worker)
      .filter((part) => holdsAt(part, atUs))
      .map(({ fromUs }) => fromUs);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** The parts that hold the worker: its own, and those of each place its name lies below. */
  #heldOver(worker: string): readonly HeldPart[] {
    if (this.#held.size === 0) return [];
    const parts = [...(this.#held.get(worker) ?? [])];
    for (let dot = worker.indexOf('.'); dot >= 0; dot = worker.indexOf('.', dot + 1))
      parts.push(...(this.#held.get(worker.slice(0, dot)) ?? []));
    return parts;
  }
}

/** Of the pool's own services, and of everybody while no user has been made. */
export const EVERYTHING = new Visibility({ everyWorker: true, pool: true });

/**
 * What access lets somebody see under a permission such as `fleet.view`. Who sees all of a tenant sees what it holds of others too; who sees one
 * of its sites does not.
 * @param ownershipsOf every ownership a tenant has part in, on either side
 */
export function visibilityOf(
  access: Access,
  permission: Permission,
  ownershipsOf: (tenant: string) => readonly { readonly body: Ownership }[],
): Visibility {
  const scopes = access.scopesOf(permission);
  const pool = access.may('pool.view', { tenant: EVERY_TENANT });
  if (scopes.some(({ tenant }) => tenant === EVERY_TENANT))
    return pool ? EVERYTHING : new Visibility({ everyWorker: true, pool });
  const tenants = scopes.filter(({ site }) => site === undefined).map(({ tenant }) => tenant);
  const sites = scopes.flatMap(({ site }) => (site === undefined ? [] : [site]));
  const held = [...new Set(tenants)].flatMap((tenant) =>
    ownershipsOf(tenant)
      .map(({ body }) => body)
      .filter(({ holder }) => holder === tenant),
  );
  return new Visibility({
    pool,
    tenants,
    sites,
    held: held.map(({ of, fromUs, untilUs }) => ({ of, fromUs, untilUs })),
  });
}

function byName(a: HeldPart, b: HeldPart): number {
  return a.of < b.of ? -1 : a.of > b.of ? 1 : a.fromUs - b.fromUs;
}

function grouped(held: readonly HeldPart[]): ReadonlyMap<string, readonly HeldPart[]> {
  const groups = new Map<string, HeldPart[]>();
  for (const part of held) {
    const group = groups.get(part.of);
    if (group === undefined) groups.set(part.of, [part]);
    else group.push(part);
  }
  return groups;
}

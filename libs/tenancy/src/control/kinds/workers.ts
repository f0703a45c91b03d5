// Workers, and whose their hash power is.
import { z } from 'zod';
import { parseSecretHash } from '../../secret-hash.ts';
import { parseUsername } from '../../username.ts';
import type { KindDefinition, Reference } from '../control-object.ts';
import type { ControlState } from '../control-state.ts';
import { isUnder, siteOf, tenantOf, tenantReference } from './places.ts';

const workerBody = z.strictObject({
  /** 'quarantined': mines and is on record, but nobody has said yet that it belongs here. 'retired': refused. */
  standing: z.enum(['active', 'quarantined', 'retired']),
  /** Hashes per second. */
  expectedHashRateHs: z.number().positive().max(1e30).optional(),
  ratedPowerWatts: z.number().positive().max(1e9).optional(),
  model: z.string().max(100).optional(),
  /** Who answers for it, in the operator's own words. */
  owner: z.string().max(100).optional(),
  tags: z.array(z.string().min(1).max(40)).max(50),
  /** Of the secret its password must hold; any password will do without one. */
  secretHash: z
    .string()
    .max(200)
    .refine((text) => parseSecretHash(text) !== undefined, 'is no hash that npm run hash-secret prints')
    .optional(),
  note: z.string().max(2000).optional(),
});
export type Worker = z.infer<typeof workerBody>;

export const workerKind: KindDefinition<Worker> = {
  schema: workerBody,
  limit: 1_000_000,
  permission: 'worker.edit',
  scopes: (id) => [{ tenant: tenantOf(id), site: siteOf(id) }],
  references: (id) => [tenantReference(tenantOf(id))],
  check: ({ id, before, after }, state) => {
    if (before !== undefined || after === undefined) return undefined;
    if (parseUsername(id)?.worker !== id) return { code: 'invalid', message: `${id} is no worker's name.` };
    const tenant = tenantOf(id);
    const { maxWorkers } = state.get('tenant', tenant)?.body ?? {};
    return maxWorkers !== undefined && state.workersOf(tenant) >= maxWorkers
      ? { code: 'limit', message: `Tenant ${tenant} may have no more than ${maxWorkers} workers.` }
      : undefined;
  },
};

const ownershipBody = z
  .strictObject({
    /** A worker, or a site or rack for all workers below it. */
    of: z.string().min(1).max(127),
    /** The tenant who has rented or bought it. */
    holder: z.string().min(1).max(63),
    /** Of the hash power, above 0 and at most 1. */
    fraction: z.number().positive().max(1),
    /** Microseconds since 1970, UTC. */
    fromUs: z.number().int().min(0),
    /** First moment it is not theirs any more; open when left out. */
    untilUs: z.number().int().min(0).optional(),
    /** What was promised for the holder's fraction, hashes per second, if it is not what the workers are expected to do. */
    promisedHashRateHs: z.number().positive().max(1e30).optional(),
    note: z.string().max(500).optional(),
  })
  .refine(({ fromUs, untilUs }) => untilUs === undefined || untilUs > fromUs, 'ends before it begins');
export type Ownership = z.infer<typeof ownershipBody>;

/** Fractions are entered as decimals, whose sums are off by so much at most. */
const FRACTION_TOLERANCE = 1e-9;

export const ownershipKind: KindDefinition<Ownership> = {
  schema: ownershipBody,
  limit: 1_000_000,
  permission: 'ownership.edit',
  // Only who may dispose of the machines may give them away; whose they become is not asked.
  scopes: (_id, { of }) => [{ tenant: tenantOf(of), site: siteOf(of) }],
  references: (_id, { of, holder }): Reference[] => [tenantReference(tenantOf(of)), tenantReference(holder)],
  check: ({ id, after }, state) => {
    if (after === undefined) return undefined;
    const most = mostHeld(id, after, state);
    return most > 1 + FRACTION_TOLERANCE
      ? { code: 'invalid', message: `More than all of ${after.of} would be given away: ${Number(most.toFixed(6))}.` }
      : undefined;
  },
};

/** The most that is given away at any time within `added`'s, counting whatever concerns some of the same workers. */
function mostHeld(id: string, added: Ownership, state: ControlState): number {
  const others = state
    .ownershipsOf(tenantOf(added.of))
    .filter((other) => other.id !== id && (isUnder(other.body.of, added.of) || isUnder(added.of, other.body.of)))
    .map(({ body }) => body);
  const moments = [added.fromUs, ...others.map(({ fromUs }) => fromUs).filter((atUs) => holdsAt(added, atUs))];
  const heldAt = (atUs: number): number =>
    others.reduce((sum, other) => (holdsAt(other, atUs) ? sum + other.fraction : sum), added.fraction);
  return Math.max(...moments.map(heldAt));
}

export function holdsAt({ fromUs, untilUs = Infinity }: Pick<Ownership, 'fromUs' | 'untilUs'>, atUs: number): boolean {
  return fromUs <= atUs && atUs < untilUs;
}

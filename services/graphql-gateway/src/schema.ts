// The executable schema: the SDL files, which are the contract, and a plain map of resolvers over them.
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from './graphql-js.ts';
import { readFileSync } from 'node:fs';
import { AUDIT_ENUMS, auditQueries } from './resolvers/audit/audit-queries.ts';
import { alertingMutations } from './resolvers/alerting/alerting-mutations.ts';
import { alertingQueries } from './resolvers/alerting/alerting-queries.ts';
import { ALERTING_ENUMS } from './resolvers/alerting/alerting-values.ts';
import { alertsMutations } from './resolvers/alerts/alerts-mutations.ts';
import { alertsQueries } from './resolvers/alerts/alerts-queries.ts';
import { alertsSubscription } from './resolvers/alerts/alerts-subscription.ts';
import { ALERT_ENUMS } from './resolvers/alerts/alerts-values.ts';
import { dateTimeScalar } from './resolvers/date-time.ts';
import { accountsQueries } from './resolvers/accounts/accounts-queries.ts';
import { ENUM_VALUES } from './resolvers/enums.ts';
import { fleetMapQueries, fleetMapRackResolvers } from './resolvers/fleet-map/fleet-map.ts';
import { fleetTotalsResolvers } from './resolvers/fleet-totals.ts';
import { identityMutations } from './resolvers/identity/identity-mutations.ts';
import { identityQueries, userResolvers } from './resolvers/identity/identity-queries.ts';
import { IDENTITY_ENUMS } from './resolvers/identity/identity-values.ts';
import type { IdentityResolverPorts } from './resolvers/identity/ports.ts';
import { machineResolvers } from './resolvers/machines/machine-resolvers.ts';
import { placesMutations } from './resolvers/places/places-mutations.ts';
import { placesQueries, placesResolvers } from './resolvers/places/places-queries.ts';
import { PLACE_ENUMS } from './resolvers/places/places-values.ts';
import { workersMutations } from './resolvers/places/workers-mutations.ts';
import { latencyResolvers } from './resolvers/latency/latency.ts';
import type { ResolverPorts } from './resolvers/ports.ts';
import { queryResolvers, tenantResolvers } from './resolvers/query.ts';
import { subscriptionResolvers } from './resolvers/subscription.ts';
import { workerResolvers } from './resolvers/worker.ts';

function file(name: string): string {
  return readFileSync(new URL(`../schema/${name}.graphql`, import.meta.url), 'utf8');
}

/** What is asked of the fleet, which needs no other file. */
export const FLEET_SDL = file('assay');
/** Users, sessions and keys, as an extension of it. */
export const IDENTITY_SDL = file('identity');

/** Racks and their machines, for drawing. */
const FLEET_MAP_SDL = file('fleet-map');
/** How long machines take to answer. */
const LATENCY_SDL = file('latency');
/** What is entered of tenants, sites, groups, workers and ownership. */
const PLACES_SDL = file('places');
/** How machines came and went, what was expected of them when, and what their work costs in power. */
const MACHINES_SDL = file('machines');
/** Who changed what. */
const AUDIT_SDL = file('audit');

/** What tenants had of hash power, and what it would earn. */
const ACCOUNTS_SDL = file('accounts');
/** Alerts, and what people do with them. */
const ALERTS_SDL = file('alerts');
/** What is looked for, and who is told. */
const ALERTING_SDL = file('alerting');

export function createSchema(ports: ResolverPorts, identity: IdentityResolverPorts): GraphQLSchema {
  const places = placesResolvers(identity);
  const alerting = { alerts: ports.alerts, control: identity.control, clock: ports.clock };
  const alerts = alertsQueries(alerting);
  const machines = machineResolvers(ports.record, identity);
  return makeExecutableSchema({
    typeDefs: [
      FLEET_SDL,
      FLEET_MAP_SDL,
      LATENCY_SDL,
      IDENTITY_SDL,
      PLACES_SDL,
      AUDIT_SDL,
      ACCOUNTS_SDL,
      ALERTS_SDL,
      ALERTING_SDL,
      MACHINES_SDL,
    ],
    resolvers: {
      DateTime: dateTimeScalar,
      ...ENUM_VALUES,
      ...IDENTITY_ENUMS,
      ...PLACE_ENUMS,
      ...AUDIT_ENUMS,
      ...ALERT_ENUMS,
      ...ALERTING_ENUMS,
      Query: {
        ...queryResolvers(ports),
        ...fleetMapQueries,
        ...identityQueries(identity),
        ...placesQueries(identity),
        ...auditQueries(identity),
        ...accountsQueries(ports),
        ...alerts.Query,
        ...alertingQueries(identity),
      },
      Mutation: {
        ...identityMutations(identity),
        ...placesMutations(identity),
        ...workersMutations(identity),
        ...alertsMutations(alerting),
        ...alertingMutations(identity),
      },
      User: userResolvers(identity),
      Subscription: { ...subscriptionResolvers(ports), ...alertsSubscription(alerting, ports) },
      Tenant: { ...tenantResolvers, ...places.Tenant },
      Site: places.Site,
      Worker: {
        ...workerResolvers(ports),
        ...latencyResolvers(ports),
        ...places.Worker,
        ...alerts.Worker,
        ...machines.Worker,
      },
      WorkerEntry: places.WorkerEntry,
      FleetMapRack: fleetMapRackResolvers,
      FleetTotals: { ...fleetTotalsResolvers(ports), ...machines.FleetTotals },
    },
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
}

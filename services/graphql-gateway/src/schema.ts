// The executable schema: the SDL file, which is the contract, and a plain map of resolvers over it.
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from './graphql-js.ts';
import { readFileSync } from 'node:fs';
import { dateTimeScalar } from './resolvers/date-time.ts';
import { ENUM_VALUES } from './resolvers/enums.ts';
import { fleetTotalsResolvers } from './resolvers/fleet-totals.ts';
import type { ResolverPorts } from './resolvers/ports.ts';
import { queryResolvers, tenantResolvers } from './resolvers/query.ts';
import { subscriptionResolvers } from './resolvers/subscription.ts';
import { workerResolvers } from './resolvers/worker.ts';

export const SDL = readFileSync(new URL('../schema/assay.graphql', import.meta.url), 'utf8');

export function createSchema(ports: ResolverPorts): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: SDL,
    resolvers: {
      DateTime: dateTimeScalar,
      ...ENUM_VALUES,
      Query: queryResolvers(ports),
      Subscription: subscriptionResolvers(ports),
      Tenant: tenantResolvers,
      Worker: workerResolvers(ports),
      FleetTotals: fleetTotalsResolvers(ports),
    },
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
}

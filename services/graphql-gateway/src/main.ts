// A GraphQL gateway as a process of its own. Health and metrics are on its HTTP port, so it needs no other.
import 'reflect-metadata';
import { runService } from '@assay/platform';
import { composeGraphqlGateway } from './compose.ts';
import { graphqlGatewaySettings } from './config.ts';

runService({
  name: 'graphql-gateway',
  tables: [graphqlGatewaySettings],
  opsPort: false,
  compose: composeGraphqlGateway,
});

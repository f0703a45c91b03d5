export { graphqlGatewaySettings, type GraphqlGatewayConfig } from './config.ts';
export { ERROR_CODES, type ErrorCode } from './errors.ts';
export { startGraphqlGateway, type GraphqlGatewayPorts, type RunningGraphqlGateway } from './gateway.ts';

export { AlertLog } from './alerts/alert-log.ts';
export { graphqlGatewaySettings, type GraphqlGatewayConfig } from './config.ts';
export { ERROR_CODES, type ErrorCode } from './errors.ts';
export { sqlReaders } from './identity/sql-readers.ts';
export { startGraphqlGateway, type GraphqlGatewayPorts, type RunningGraphqlGateway } from './gateway.ts';

export { gatewayProcessSettings, gatewaySettings, type GatewayConfig, type GatewayProcessConfig } from './config.ts';
export { controlCommand, type ControlCommand } from './control-listener.ts';
export type { JobSource, NewJob } from './job-source.ts';
export { startStratumGateway, type GatewayPorts, type StratumGateway } from './stratum-gateway.ts';

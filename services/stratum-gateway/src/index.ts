export { gatewayProcessSettings, gatewaySettings, type GatewayConfig, type GatewayProcessConfig } from './config.ts';
export { controlCommand, type ControlCommand } from './control-command.ts';
export { parseJobsFile } from './jobs-file.ts';
export type { FoundShare, JobSource, SourcedJob, SourceListener, WantedShares } from './job-source.ts';
export { startStratumGateway, type GatewayPorts, type StratumGateway } from './stratum-gateway.ts';
export { nodeSourceSchema, type NodeSourceSettings } from './node/node-settings.ts';
export { NodeSource, type NodeSourceOptions } from './node/node-source.ts';

export { aggregatorSettings, type AggregatorConfig } from './config.ts';
export { AGGREGATOR_GROUP, startAggregator, type AggregatorPorts } from './start-aggregator.ts';
// The steps below the framework, for whoever runs them on virtual time.
export { consumeEvents } from './worker-events.ts';
export { ExactlyOnceSink } from './exactly-once-sink.ts';
export { LiveKeeper, type Missing } from './live-keeper.ts';
export { aggregatorMetrics } from './metrics.ts';
export type { PartitionOffset, PipelinePorts } from './pipeline-ports.ts';
export { RejectBurstDetector, type BurstHistory } from './reject-bursts.ts';
export { consumeShares } from './shares-pipeline.ts';

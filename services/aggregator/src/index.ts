export { aggregatorSettings, type AggregatorConfig } from './config.ts';
export { AGGREGATOR_GROUP, startAggregator, type AggregatorPorts } from './start-aggregator.ts';

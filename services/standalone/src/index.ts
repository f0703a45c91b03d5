export { ALL_SETTINGS, startStandalone, type StandalonePool } from './compose.ts';
export { registerLogMetrics } from './log-metrics.ts';

export { ALERTER_GROUP, startAlerting, type AlertingPorts } from './alerting.ts';
export { alerterSettings, type AlerterConfig } from './config.ts';
export { AlertingConfiguration, configurationOptions, type Unsealer } from './configuration.ts';

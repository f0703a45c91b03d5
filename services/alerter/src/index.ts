export { alerterSettings, type AlerterConfig } from './config.ts';
export { startAlerter, type AlerterPorts } from './start-alerter.ts';

export { ALL_SETTINGS, startStandalone, type StandalonePool } from './compose.ts';

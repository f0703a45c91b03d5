export { migratorSettings, retentionSettings } from './config.ts';
export { prepareStore } from './prepare-store.ts';

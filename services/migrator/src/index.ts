export { migratorSettings, retentionSettings } from './config.ts';
export { prepareStore } from './prepare-store.ts';
export { RetentionSweep } from './tenant-retention/retention-sweep.ts';

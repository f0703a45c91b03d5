// The migrator as a process: topics and tables, then it ends.
import { runTask } from '@assay/platform';
import { runMigrator } from './compose.ts';
import { migratorSettings, retentionSettings } from './config.ts';

runTask({ name: 'migrator', tables: [migratorSettings, retentionSettings], run: runMigrator });

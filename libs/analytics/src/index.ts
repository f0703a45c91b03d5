export * from './analytics-store.ts';
export { loadMigrations, migrate, requireMigrated, type Migration } from './migrate.ts';
export type { PlaceholderValues } from './sql-statements.ts';
export * from './retention.ts';
export * from './tenant-retention.ts';
export * from './row-conditions.ts';
export * from './sql-users.ts';

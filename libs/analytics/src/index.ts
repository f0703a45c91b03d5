export * from './analytics-store.ts';
export { loadMigrations, migrate, type Migration } from './migrate.ts';
export type { PlaceholderValues } from './sql-statements.ts';
export * from './retention.ts';

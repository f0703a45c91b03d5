export * from './analytics-store.ts';
export { loadMigrations, migrate, MIGRATIONS_DIR, type Migration } from './migrate.ts';
export type { PlaceholderValues } from './sql-statements.ts';
export * from './retention.ts';

// Brings a ClickHouse to this build's schema: numbered SQL files, each run once, in order, and recorded with its checksum. ClickHouse
// has no transactions for schema changes: a file is recorded after its last statement, so a crash half-way runs the whole file again,
// and every statement must bear that (CREATE ... IF NOT EXISTS, ALTER ... ADD COLUMN IF NOT EXISTS).
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnalyticsStore } from './analytics-store.ts';
import { fillPlaceholders, splitStatements, type PlaceholderValues } from './sql-statements.ts';

export interface Migration {
  /** `0001_name.sql`. */
  readonly name: string;
  readonly sql: string;
}

/** This package's own migrations: the schema that both settings share. */
const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations/', import.meta.url));

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** The record of what was applied. A row is one file; a file applied twice by two processes at once is recorded twice, harmlessly. */
const RECORD = [
  'CREATE DATABASE IF NOT EXISTS assay ENGINE = Atomic',
  `CREATE TABLE IF NOT EXISTS assay.schema_migrations
(
    name String COMMENT 'File name of the migration',
    checksum String COMMENT 'SHA-256 of the file, hex',
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When it was applied, UTC'
)
ENGINE = MergeTree
ORDER BY name
COMMENT 'Migrations applied'`,
];

/** Reads `0001_name.sql` files in order. Fails naming a file that is named otherwise, or a number that is missing or double. */
export async function loadMigrations(dir: string = MIGRATIONS_DIR): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(join(dir, name), 'utf8') })),
  );
  checkNumbers(migrations);
  return migrations;
}

/**
 * Applies what is missing; safe to run again, and after a crash. Resolves with the names of the files it applied.
 * Fails, naming the file, when an applied one has changed since, or when the database has one this build does not know.
 * @param values what `{{placeholders}}` stand for. They are not part of the checksum: a later value leaves existing tables as they are.
 */
export async function migrate(
  store: AnalyticsStore,
  files: readonly Migration[],
  values: PlaceholderValues = {},
): Promise<string[]> {
  checkNumbers(files);
  for (const statement of RECORD) await store.command(statement);
  const rows = await store.query<{ name: string; checksum: string }>(
    'SELECT DISTINCT name, checksum FROM assay.schema_migrations ORDER BY name',
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const known = new Set(files.map((file) => file.name));
  const unknown = [...applied.keys()].find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(
      `The database has migration ${unknown}, which this build does not know: it was made by a newer version.`,
    );
  const missing: { readonly name: string; readonly checksum: string; readonly statements: readonly string[] }[] = [];
  for (const { name, sql } of files) {
    const checksum = checksumOf(sql);
    const recorded = applied.get(name);
    if (recorded === checksum) continue;
    if (recorded !== undefined)
      throw new Error(
        `Migration ${name} has changed since it was applied: put it back, and write the change as a new file.`,
      );
    missing.push({ name, checksum, statements: splitStatements(fillPlaceholders(sql, values, name)) });
  }
  for (const { name, checksum, statements } of missing) {
    for (const statement of statements) await store.command(statement);
    // Both values are made of harmless characters only: checked above, and hex.
    await store.command(`INSERT INTO assay.schema_migrations (name, checksum) VALUES ('${name}', '${checksum}')`);
  }
  return missing.map((file) => file.name);
}

/**
 * For a service whose tables another process makes: throws an Error that names what is missing until all are there. A database that is
 * newer than this build has all of them.
 */
export async function requireMigrated(store: AnalyticsStore, files: readonly Migration[]): Promise<void> {
  const recorded = await store.query(
    "SELECT name FROM system.tables WHERE database = 'assay' AND name = 'schema_migrations'",
  );
  if (recorded.length === 0) throw new Error('the tables are not there yet: the migrator has not run');
  const rows = await store.query<{ name: string }>('SELECT DISTINCT name FROM assay.schema_migrations');
  const applied = new Set(rows.map(({ name }) => name));
  const missing = files.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`the migrator has not applied ${missing.join(', ')} yet`);
}

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
}

function checkNumbers(files: readonly Migration[]): void {
  files.forEach(({ name }, index) => {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) throw new Error(`Migration ${JSON.stringify(name)} must be named like 0001_name.sql.`);
    if (Number(number) !== index + 1)
      throw new Error(
        `Migration ${name} should have number ${String(index + 1).padStart(4, '0')}: numbers start at 0001 and leave none out.`,
      );
  });
}

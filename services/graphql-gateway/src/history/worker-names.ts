// Names of workers as query parameters: with their tenants, so that the tables' primary key finds them.
import type { WorkerFacts } from '../workers/worker-facts.ts';

/** Workers one query may name. A username has at most 127 characters, so that is at most 64 KB of parameters. */
export const MAX_NAMED_WORKERS = 500;

export interface WorkerNames {
  readonly tenants: readonly string[];
  readonly workers: readonly string[];
}

export function namesOf(workers: readonly WorkerFacts[]): WorkerNames {
  return { tenants: [...new Set(workers.map(({ tenant }) => tenant))], workers: workers.map(({ worker }) => worker) };
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}

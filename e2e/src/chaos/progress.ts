// What every chaos run does between its blows: says what it does, waits, and sees that shares still get acknowledged.
import type { Ledger } from '../harness/ledger.ts';
import { waitFor } from '../harness/wait-for.ts';

const PROGRESS_TIMEOUT_MS = 60_000;

export const say = (text: string): void => void process.stderr.write(`chaos: ${text}\n`);
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when `more` shares have been acknowledged beyond those of now. */
export async function ackedBeyond(ledger: Ledger, more: number): Promise<void> {
  const acked = ledger.acked;
  await waitFor('acknowledged shares', PROGRESS_TIMEOUT_MS, () => ledger.acked > acked + more);
}

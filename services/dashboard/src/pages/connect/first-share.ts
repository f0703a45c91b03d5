// The steps from a plugged-in miner to a trusted number, judged from what the API says about the worker.
import type { Contribution, HashRate, WorkerStatus } from '../../api/schema-types.ts';

export interface SeenWorker {
  readonly status: WorkerStatus;
  readonly lastShareAt: string | null;
  readonly userAgent: string;
  readonly difficulty: number;
  readonly expectedHashRate: number | null;
  readonly hashRate: HashRate | null;
  readonly contribution: Contribution | null;
  readonly shares: {
    readonly accepted: number;
    readonly rejected: number;
    readonly byReason: readonly { readonly reason: string; readonly count: number }[];
  } | null;
}

export type StepState = 'done' | 'waiting' | 'trouble';

export interface Step {
  readonly title: string;
  readonly state: StepState;
}

/** An estimate from this many shares is within 20 % of the truth, 19 times of 20. */
const ENOUGH_SHARES = 96;

export function firstShareSteps(worker: SeenWorker | null): Step[] {
  const connected = worker !== null && worker.status !== 'OFFLINE';
  const accepted = worker?.shares?.accepted ?? 0;
  const rejected = worker?.shares?.rejected ?? 0;
  const onlyRejected = accepted === 0 && rejected > 0;
  return [
    { title: 'Connected and authorised', state: connected ? 'done' : worker !== null ? 'trouble' : 'waiting' },
    { title: 'First share accepted', state: accepted > 0 ? 'done' : onlyRejected ? 'trouble' : 'waiting' },
    { title: 'Hash rate measured', state: (worker?.hashRate?.hashRate ?? 0) > 0 ? 'done' : 'waiting' },
    { title: 'Enough shares for a steady figure', state: accepted >= ENOUGH_SHARES ? 'done' : 'waiting' },
  ];
}

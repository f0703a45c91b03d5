// How long after it begins a fault is found: many workers, each healthy for half a day and then not, until every rule has found it or
// the time is up.
import { Random } from '@assay/kernel';
import { detectorFactory, type DetectionMinute, type DetectionRule } from '@assay/detection';
import type { UsualRule } from './usual-rules.ts';
import { WorkerMinutes, type Fault } from './worker-minutes.ts';

export interface DelayQuestion {
  readonly sharesPerMinute: number;
  readonly fault: Fault;
  readonly ours: DetectionRule;
  /** Whether the expected rate is known; if not it is learned in the healthy minutes. */
  readonly configured: boolean;
  readonly usual: readonly { readonly rule: UsualRule; readonly threshold: number }[];
  readonly trials: number;
  readonly healthyMinutes: number;
  readonly limitMinutes: number;
  readonly seed: number;
}

/** Closed minutes from the beginning of the fault to the finding. Infinity where it was not found within the limit. */
export interface Delay {
  readonly median: number;
  readonly p90: number;
  /** Fraction of the workers found within the limit. */
  readonly found: number;
}

export interface Delays {
  readonly ours: Delay;
  readonly usual: readonly Delay[];
}

type Watch = (minute: DetectionMinute) => boolean;

export function measureDelays(question: DelayQuestion): Delays {
  const { sharesPerMinute, fault, usual, configured, trials, healthyMinutes, limitMinutes } = question;
  const random = new Random(question.seed);
  const make = detectorFactory(question.ours);
  const delays: number[][] = [[], ...usual.map(() => [])];
  while (delays[0]!.length < trials) {
    const worker = new WorkerMinutes(random.fork(), sharesPerMinute, configured);
    const detector = make();
    let firing = false;
    const watches: Watch[] = [
      (minute) => {
        const { type } = detector.minute(minute);
        return (firing = type === 'raised' || type === 'firing');
      },
      ...usual.map(({ rule, threshold }): Watch => {
        const statistic = rule.statistic(sharesPerMinute);
        return (minute) => statistic(minute) < threshold;
      }),
    ];
    for (let i = 0; i < healthyMinutes; i++) {
      const minute = worker.next();
      for (const watch of watches) watch(minute);
    }
    // A worker under a false alarm would be found after no time at all: take another.
    if (firing) continue;
    worker.begin(fault);
    const found = watches.map(() => Infinity);
    let open = watches.length;
    for (let i = 1; i <= limitMinutes && open > 0; i++) {
      const minute = worker.next();
      for (let w = 0; w < watches.length; w++) {
        if (found[w] !== Infinity || !watches[w]!(minute)) continue;
        found[w] = i;
        open--;
      }
    }
    found.forEach((delay, w) => delays[w]!.push(delay));
  }
  const [ours, ...others] = delays.map(summary);
  return { ours: ours!, usual: others };
}

function summary(delays: number[]): Delay {
  delays.sort((a, b) => a - b);
  const at = (quantile: number): number => delays[Math.ceil(quantile * delays.length) - 1]!;
  return {
    median: at(0.5),
    p90: at(0.9),
    found: delays.filter((delay) => delay < Infinity).length / delays.length,
  };
}

// Whether a session grows with what it is sent: some of them live through tens of thousands of messages, jobs and changes of source, and
// what they hold at the end is measured. Every map, list and filter in a session has a bound, and so has their sum.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { assert, Random } from '@assay/kernel';
import { FUZZ_TARGETS, SessionLife, mutated, readSeeds } from '@assay/stratum/fuzz';

const INPUTS = 8000;
const SESSIONS = 20;
/**
 * The duplicate filters of a fuzzed session at their fullest: 1,000 shares for each of 8 jobs of two sources, 28 KB each, 450 KB in all;
 * the rest of it is some KB. A leak of 20 bytes a message would be twice this.
 */
export const SESSION_BOUND_BYTES = 600_000;

export interface Growth {
  readonly lines: number;
  /** What one session holds. */
  readonly bytes: number;
}

/** Throws when sessions hold more than they may. */
export function sessionGrowth(seed: number): Growth {
  const target = FUZZ_TARGETS['session']!;
  const seeds = readSeeds(target);
  const random = new Random(seed);
  const before = heapBytes();
  const lives = Array.from({ length: SESSIONS }, () => new SessionLife({ forgetful: true }));
  let lines = 0;
  for (let input = 0; input < INPUTS; input++) {
    const data = mutated(seeds, { ...target, pieces: 8 }, random);
    for (const byte of data) if (byte === 10) lines++;
    for (const life of lives) life.play(data);
  }
  const bytes = Math.round((heapBytes() - before) / SESSIONS);
  // They must live until here.
  for (const life of lives) life.check();
  assert(bytes <= SESSION_BOUND_BYTES, `a session holds ${bytes} bytes after ${lines} lines, seed ${seed}`);
  return { lines, bytes };
}

function heapBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let collector: (() => void) | undefined;

function collect(): void {
  setFlagsFromString('--expose-gc');
  collector ??= runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collector();
}

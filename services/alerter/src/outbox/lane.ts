// One channel's turn: what to send next, and when. Pure, but for what it remembers of the channel: how many messages it may have just now, and
// how it answered.
//
// Bounds: `perMinute` messages a minute and `burst` at once. What comes faster goes out as one digest. A message of a conversation waits for
// the one before it, so nobody reads of the end first; others pass a message that has to wait.
import type { SendOutcome } from '../channels/channel.ts';
import type { Owed } from './outbox.ts';

export interface LaneLimits {
  readonly perMinute: number;
  readonly burst: number;
  /** Pause after a message's first failure, milliseconds; each further one doubles it. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** An attempt that fails so long after the message was owed is the last. */
  readonly giveUpMs: number;
  /** Most messages in one digest. */
  readonly maxDigest: number;
}

export const DEFAULT_LANE_LIMITS: LaneLimits = {
  // Telegram takes 20 messages a minute to a group, Slack one a second.
  perMinute: 15,
  burst: 5,
  firstRetryMs: 5_000,
  longestRetryMs: 900_000,
  giveUpMs: 86_400_000,
  maxDigest: 500,
};

/** A channel that fails is left alone for so long at most, whichever message was tried. */
const LONGEST_LANE_PAUSE_MS = 60_000;
const FIRST_LANE_PAUSE_MS = 1_000;

export type Turn =
  | { readonly type: 'send'; readonly owed: Owed }
  | { readonly type: 'digest'; readonly members: readonly Owed[] }
  | { readonly type: 'wait'; readonly untilUs: number };

export type Verdict =
  | { readonly type: 'delivered' }
  | { readonly type: 'retry'; readonly nextAtUs: number }
  | { readonly type: 'undeliverable' };

export class Lane {
  readonly #limits: LaneLimits;
  readonly #random: () => number;
  #tokens: number;
  #refilledUs = 0;
  #pausedUntilUs = 0;
  #failures = 0;

  /** @param random uniform in [0, 1). */
  constructor(limits: LaneLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
    this.#tokens = limits.burst;
  }

  /** @param owed of this channel, the oldest first, at least one. */
  next(owed: Iterable<Owed>, nowUs: number): Turn {
    if (nowUs < this.#pausedUntilUs) return { type: 'wait', untilUs: this.#pausedUntilUs };
    const due: Owed[] = [];
    let soonestUs = Infinity;
    const waiting = new Set<string>();
    for (const each of owed) {
      const threads = each.notifications.map(({ thread }) => thread);
      const waits = threads.some((thread) => waiting.has(thread));
      for (const thread of threads) waiting.add(thread);
      if (waits) continue;
      if (each.nextAtUs <= nowUs) due.push(each);
      else soonestUs = Math.min(soonestUs, each.nextAtUs);
    }
    const [first] = due;
    if (first === undefined) return { type: 'wait', untilUs: soonestUs };
    this.#refill(nowUs);
    if (this.#tokens < 1) return { type: 'wait', untilUs: nowUs + this.#untilTokenUs() };
    const single = due.filter(({ isDigest }) => !isDigest).slice(0, this.#limits.maxDigest);
    if (single.length > 1 && due.length > this.#tokens) return { type: 'digest', members: single };
    return { type: 'send', owed: first };
  }

  /** A message is about to be sent. */
  spend(): void {
    this.#tokens -= 1;
  }

  /** What an outcome means for the message, and for when the channel is tried again. */
  settle({ sinceUs, attempts }: Owed, outcome: SendOutcome, nowUs: number): Verdict {
    if (outcome.type === 'delivered') {
      this.#failures = 0;
      return { type: 'delivered' };
    }
    // A message that is refused says nothing about the next.
    if (outcome.type === 'refused') return { type: 'undeliverable' };
    this.#failures++;
    const askedUs = (outcome.afterMs ?? 0) * 1000;
    this.#pausedUntilUs =
      nowUs + Math.max(askedUs, this.#pauseUs(FIRST_LANE_PAUSE_MS, this.#failures, LONGEST_LANE_PAUSE_MS));
    const lastUs = sinceUs + this.#limits.giveUpMs * 1000;
    if (nowUs >= lastUs) return { type: 'undeliverable' };
    const { firstRetryMs, longestRetryMs } = this.#limits;
    const pauseUs = Math.max(askedUs, this.#pauseUs(firstRetryMs, attempts + 1, longestRetryMs));
    return { type: 'retry', nextAtUs: Math.min(nowUs + pauseUs, lastUs) };
  }

  /** Between the half and the whole of what is due, so that what failed together is not tried together again. */
  #pauseUs(firstMs: number, failures: number, longestMs: number): number {
    const dueMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
    return Math.round(dueMs * (0.5 + 0.5 * this.#random()) * 1000);
  }

  #refill(nowUs: number): void {
    const { perMinute, burst } = this.#limits;
    const passedUs = Math.max(0, nowUs - this.#refilledUs);
    this.#tokens = Math.min(burst, this.#tokens + (passedUs * perMinute) / 60e6);
    this.#refilledUs = nowUs;
  }

  /** Rounded up, so that then there is one. */
  #untilTokenUs(): number {
    return Math.ceil(((1 - this.#tokens) * 60e6) / this.#limits.perMinute) + 1;
  }
}

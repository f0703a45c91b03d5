// Takes a found block to every node at once, and to those that are away until they are back: whichever node spreads it first, nobody waits
// for another. One record per share, with the best of their answers.
// Bounds: MAX_WAITING blocks at once, each for `submitSeconds` at most, in memory. A block beyond them goes out once and is not kept.
import type { Clock } from '@assay/kernel';
import type { FoundBlock } from '@assay/mining';
import type { UpstreamVerdict } from '@assay/share-block';
import { NodeError, type NodeClient } from './node-client.ts';

export interface NodeVerdict {
  readonly endpoint: string;
  readonly verdict: UpstreamVerdict;
  readonly reason: string;
  /** 0 when it was never sent. */
  readonly sentAtUs: number;
  /** 0 when nothing came back. */
  readonly answeredAtUs: number;
  readonly attempts: number;
}

export interface BlockSubmitterOptions {
  readonly nodes: readonly NodeClient[];
  readonly submitMs: number;
  readonly clock: Clock;
  /** An answer of one node, for the log. */
  readonly onAnswer: (block: FoundBlock, answer: NodeVerdict) => void;
}

/** 64 blocks of 4 MB, in hex, are half a gigabyte: it takes hours without any node to find so many on a real network. */
const MAX_WAITING = 64;
/** Checking a full block on a slow disk takes some seconds. */
const ANSWER_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** A refusal goes on record after this long, though other nodes are away: most often they would say the same. */
const SETTLE_MS = 5000;
/** How long a stopping gateway waits for answers. */
const STOP_MS = 5000;

/** From worst to best. */
const RANK: readonly UpstreamVerdict[] = ['unsent', 'unanswered', 'rejected', 'accepted'];

export class BlockSubmitter {
  readonly #options: BlockSubmitterOptions;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<Promise<unknown>>();

  constructor(options: BlockSubmitterOptions) {
    this.#options = options;
  }

  /** Blocks that at least one node has not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * @param settle gets the best answer: as soon as a node has taken the block, some seconds after one refused it, or when every node has
   * answered or was given up. It is called again should a node that was away for longer take what another refused.
   */
  submit(block: FoundBlock, settle: (best: NodeVerdict) => void): void {
    const { nodes, onAnswer } = this.#options;
    const keep = this.#waiting.size < MAX_WAITING;
    const verdicts: NodeVerdict[] = [];
    let settled: NodeVerdict | undefined;
    const settleBest = (): void => {
      const best = verdicts.reduce(better);
      if (settled === undefined || better(settled, best) !== settled) settle((settled = best));
    };
    let timer: NodeJS.Timeout | undefined;
    const answers = nodes.map(async (node) => {
      const answer = await this.#take(block, node, keep);
      onAnswer(block, answer);
      verdicts.push(answer);
      if (answer.verdict === 'accepted') settleBest();
      else if (answer.verdict === 'rejected') timer ??= setTimeout(settleBest, SETTLE_MS);
    });
    const all = Promise.all(answers).then(() => {
      clearTimeout(timer);
      settleBest();
    });
    this.#waiting.add(all);
    void all.finally(() => this.#waiting.delete(all));
  }

  /** Waits some seconds for nodes that are about to answer, then gives up what is left. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), STOP_MS);
    await Promise.allSettled(this.#waiting);
    clearTimeout(timer);
    this.#stopping.abort();
  }

  async #take({ hex }: FoundBlock, node: NodeClient, keep: boolean): Promise<NodeVerdict> {
    const { clock, submitMs } = this.#options;
    const { signal } = this.#stopping;
    const { endpoint } = node;
    const untilMs = performance.now() + submitMs;
    let sent = { verdict: 'unsent' as UpstreamVerdict, sentAtUs: 0, attempts: 0 };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const sentAtUs = clock.nowUs();
      try {
        const answer = await node.call('submitblock', [hex], { timeoutMs: ANSWER_MS, signal });
        const outcome = { endpoint, sentAtUs, answeredAtUs: clock.nowUs(), attempts: sent.attempts + 1 };
        return { ...outcome, ...verdictOf(answer) };
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        if (error.code !== 'unreachable') sent = { verdict: 'unanswered', sentAtUs, attempts: sent.attempts + 1 };
        const { message: reason } = error;
        if (error.code === 'refused')
          return { ...sent, endpoint, verdict: 'rejected', reason, answeredAtUs: clock.nowUs() };
        if (!keep || signal.aborted || performance.now() + pauseMs > untilMs)
          return { ...sent, endpoint, reason, answeredAtUs: 0 };
      }
      await pause(pauseMs, signal);
    }
  }
}

/** BIP22: null for taken, else a word that says why not. */
function verdictOf(answer: unknown): Pick<NodeVerdict, 'verdict' | 'reason'> {
  if (answer === null || answer === undefined) return { verdict: 'accepted', reason: '' };
  const reason = String(answer).slice(0, 200);
  // It has the block already and found it valid: another node was faster, or the answer to an earlier attempt was lost.
  return { verdict: reason === 'duplicate' ? 'accepted' : 'rejected', reason };
}

function better(a: NodeVerdict, b: NodeVerdict): NodeVerdict {
  return RANK.indexOf(b.verdict) > RANK.indexOf(a.verdict) ? b : a;
}

/** Ends early when the signal is given. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}

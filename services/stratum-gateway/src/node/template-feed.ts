// Templates of one node while it gives the work: one when asked, and one whenever its long poll says that there is something new.
// Invariant: at most one question and one long poll are on their way at a time, and nothing is told after `stop`.
import { parseBlockTemplate, TemplateError, type BlockTemplate } from '@assay/mining';
import { NodeError, type NodeClient } from './node-client.ts';

export interface TemplateFeedOptions {
  readonly node: NodeClient;
  readonly rules: readonly string[];
  readonly timeoutMs: number;
  readonly onTemplate: (template: BlockTemplate) => void;
  /** The question for a template failed. */
  readonly onFailure: (error: NodeError | TemplateError) => void;
  /** The long poll's connection was lost: the node may be gone. */
  readonly onLost: () => void;
}

/** A node keeps a long poll for a minute and longer while nothing changes; after this it is asked anew. */
const LONG_POLL_MS = 180_000;
/** Between two long polls, so that a node that answers at once and always does not keep the gateway busy. */
const LONG_POLL_PAUSE_MS = 100;

export class TemplateFeed {
  readonly #options: TemplateFeedOptions;
  #stopped = new AbortController();
  #fetching = false;
  #again = false;
  #longPollId: string | undefined;
  #longPolling = false;

  constructor(options: TemplateFeedOptions) {
    this.#options = options;
    this.#stopped.abort();
  }

  start(): void {
    this.#stopped = new AbortController();
    this.fetch();
  }

  stop(): void {
    this.#stopped.abort();
    this.#longPollId = undefined;
    this.#fetching = this.#again = this.#longPolling = false;
  }

  /** Asks for a template now. */
  fetch(): void {
    if (this.#stopped.signal.aborted) return;
    if (this.#fetching) this.#again = true;
    else void this.#fetch(this.#stopped.signal);
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    this.#fetching = true;
    do {
      this.#again = false;
      try {
        const template = await this.#ask({}, this.#options.timeoutMs, signal);
        if (signal.aborted) return;
        this.#tell(template, signal);
      } catch (error) {
        if (!(error instanceof NodeError || error instanceof TemplateError)) throw error;
        if (signal.aborted) return;
        this.#options.onFailure(error);
      }
    } while (this.#again && !signal.aborted);
    if (!signal.aborted) this.#fetching = false;
  }

  #tell(template: BlockTemplate, signal: AbortSignal): void {
    this.#longPollId = template.longPollId;
    this.#options.onTemplate(template);
    if (!this.#longPolling && this.#longPollId !== undefined && !signal.aborted) void this.#longPoll(signal);
  }

  async #longPoll(signal: AbortSignal): Promise<void> {
    this.#longPolling = true;
    while (!signal.aborted && this.#longPollId !== undefined) {
      try {
        const template = await this.#ask({ longpollid: this.#longPollId }, LONG_POLL_MS, signal);
        if (signal.aborted) return;
        this.#tell(template, signal);
      } catch (error) {
        if (!(error instanceof NodeError || error instanceof TemplateError)) throw error;
        if (signal.aborted) return;
        this.#longPollId = undefined;
        this.#options.onLost();
      }
      await new Promise((resolve) => setTimeout(resolve, LONG_POLL_PAUSE_MS));
    }
    if (!signal.aborted) this.#longPolling = false;
  }

  async #ask(more: object, timeoutMs: number, signal: AbortSignal): Promise<BlockTemplate> {
    const { node, rules } = this.#options;
    return parseBlockTemplate(await node.call('getblocktemplate', [{ rules, ...more }], { timeoutMs, signal }));
  }
}

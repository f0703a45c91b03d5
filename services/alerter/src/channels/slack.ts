// Slack by an incoming webhook: blocks for its clients, and a text for notifications and for clients that show no blocks.
// Limits are Slack's: a header of 150 characters, a section of 3,000, 50 blocks a message (https://docs.slack.dev/reference/block-kit/blocks).
import type { AlertChannel, AlertMessage, SendOutcome } from './channel.ts';
import { retry } from './channel.ts';
import { cutLines, cutText } from './cut-text.ts';
import { postJson, type PostOptions } from './post-json.ts';

const MAX_HEADER = 150;
const MAX_SECTION = 3000;
/** Where Slack begins to cut a message's text by itself. */
const MAX_TEXT = 4000;
const MAX_LINE = 600;

export interface SlackConfig {
  /** Of the incoming webhook: a secret. */
  readonly url: string;
}

export class SlackChannel implements AlertChannel {
  readonly #config: SlackConfig;
  readonly #options: PostOptions;

  constructor(config: SlackConfig, options: PostOptions) {
    this.#config = config;
    this.#options = options;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<SendOutcome> {
    const outcome = await postJson(this.#config.url, JSON.stringify(payload(message)), {}, this.#options, signal);
    switch (outcome.type) {
      case 'forbidden':
        return { type: 'refused', reason: outcome.reason };
      case 'failed':
        return retry(outcome.reason);
      case 'answered': {
        if (outcome.status === 200) return { type: 'delivered' };
        const reason = `Slack answered ${outcome.status} ${cutText(outcome.body.trim(), 200)}`.trimEnd();
        // 400 is about this message alone. A webhook or a channel that is gone (403, 404, 410) may be put right before the bound.
        if (outcome.status === 400) return { type: 'refused', reason };
        return retry(reason, outcome.retryAfterMs);
      }
    }
  }
}

function payload({ title, lines, id }: AlertMessage): object {
  const blocks: object[] = [
    { type: 'header', text: { type: 'plain_text', text: cutText(title, MAX_HEADER), emoji: false } },
  ];
  const details = cutEscaped(lines);
  if (details !== '') blocks.push({ type: 'section', text: { type: 'mrkdwn', text: details } });
  blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: escape(id) }] });
  return { text: cutEntities(escape(title), MAX_TEXT), blocks };
}

// Slack counts what it is sent: a character that is escaped counts as what it became.
function cutEscaped(lines: readonly string[]): string {
  return cutLines(
    lines.map((line) => cutEntities(escape(line), MAX_LINE)),
    MAX_SECTION,
    MAX_LINE,
  );
}

/** Cuts before an entity rather than within it. */
function cutEntities(text: string, most: number): string {
  return text.length <= most ? text : `${cutText(text, most).replace(/&[a-z]*…$/, '…')}`;
}

/** The three characters that Slack takes for its own. Asterisks and underscores stay: names of machines hold them, and bold is no harm. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

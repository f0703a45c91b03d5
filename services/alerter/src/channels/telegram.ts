// Telegram by its Bot API. Text is HTML, in which three characters have to be escaped; in Markdown it would be eighteen. A message holds 4,096
// characters after its entities are read; what is more is cut, and said (https://core.telegram.org/bots/api#sendmessage).
import type { AlertChannel, AlertMessage, SendOutcome } from './channel.ts';
import { retry } from './channel.ts';
import { cutLines, cutText } from './cut-text.ts';
import { postJson, type PostOptions } from './post-json.ts';

const MAX_TEXT = 4096;
const MAX_TITLE = 500;
const MAX_LINE = 600;

export interface TelegramConfig {
  /** The bot's token: a secret. */
  readonly token: string;
  /** Number of a chat, or @name of a public channel. */
  readonly chat: string;
  /** Where the Bot API is: https://api.telegram.org, or a server of one's own. */
  readonly apiUrl: string;
}

interface Answer {
  readonly ok?: boolean;
  readonly description?: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number | string };
}

export class TelegramChannel implements AlertChannel {
  readonly #config: TelegramConfig;
  readonly #options: PostOptions;

  constructor(config: TelegramConfig, options: PostOptions) {
    this.#config = config;
    this.#options = options;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<SendOutcome> {
    const first = await this.#sendTo(this.#config.chat, message, signal);
    if (first.movedTo === undefined) return first.outcome;
    // A group that became a supergroup has a new number, which the refusal names.
    const { outcome } = await this.#sendTo(first.movedTo, message, signal);
    if (outcome.type !== 'delivered') return outcome;
    return { type: 'delivered', note: `the chat is now ${first.movedTo}: change the channel` };
  }

  async #sendTo(
    chat: string,
    message: AlertMessage,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: SendOutcome; readonly movedTo?: string }> {
    const { apiUrl, token } = this.#config;
    const body = JSON.stringify({
      chat_id: chat,
      text: textOf(message),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
    const url = `${apiUrl.replace(/\/+$/, '')}/bot${token}/sendMessage`;
    const outcome = await postJson(url, body, {}, this.#options, signal);
    switch (outcome.type) {
      case 'forbidden':
        return { outcome: { type: 'refused', reason: outcome.reason } };
      case 'failed':
        return { outcome: retry(outcome.reason) };
      case 'answered': {
        const answer = parse(outcome.body);
        if (outcome.status === 200 && answer.ok === true) return { outcome: { type: 'delivered' } };
        const reason = `Telegram answered ${outcome.status} ${cutText(answer.description ?? '', 200)}`.trimEnd();
        const moved = answer.parameters?.migrate_to_chat_id;
        if (moved !== undefined) return { outcome: { type: 'refused', reason }, movedTo: String(moved) };
        const waitS = answer.parameters?.retry_after;
        if (waitS !== undefined) return { outcome: retry(reason, waitS * 1000) };
        // A wrong token or chat, or a bot that was thrown out (401, 403, 404, 400 chat not found), may be put right before the bound.
        const chatIsWrong = /chat not found|not enough rights|kicked|blocked/i.test(answer.description ?? '');
        if (outcome.status === 400 && !chatIsWrong) return { outcome: { type: 'refused', reason } };
        return { outcome: retry(reason, outcome.retryAfterMs) };
      }
    }
  }
}

function textOf({ title, lines }: AlertMessage): string {
  const head = cutText(title, MAX_TITLE);
  // Telegram counts characters after it has read entities and tags: cut first, then escape.
  const details = cutLines(lines, MAX_TEXT - head.length - 1, MAX_LINE);
  return `<b>${escape(head)}</b>${details === '' ? '' : `\n${escape(details)}`}`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function parse(body: string): Answer {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

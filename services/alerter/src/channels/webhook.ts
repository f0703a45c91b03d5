// A webhook for programs: the message as JSON, signed. The signature is HMAC-SHA256 over `timestamp.body`, so neither can be changed and an old
// request cannot be sent again later; docs/alerts.md says how to check it. While a secret is being changed, both sign.
import { createHmac } from 'node:crypto';
import type { AlertChannel, AlertMessage, SendOutcome } from './channel.ts';
import { retry } from './channel.ts';
import { cutText } from './cut-text.ts';
import { postJson, type PostOptions } from './post-json.ts';

export interface WebhookConfig {
  readonly url: string;
  /** The current one, and while it is being changed, the one before. */
  readonly secrets: readonly string[];
}

export class WebhookChannel implements AlertChannel {
  readonly #config: WebhookConfig;
  readonly #options: PostOptions;
  readonly #nowUs: () => number;

  constructor(config: WebhookConfig, options: PostOptions, nowUs: () => number) {
    this.#config = config;
    this.#options = options;
    this.#nowUs = nowUs;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<SendOutcome> {
    const body = JSON.stringify(webhookBody(message));
    const timestamp = Math.floor(this.#nowUs() / 1_000_000);
    const headers = {
      'assay-id': message.id,
      'assay-timestamp': String(timestamp),
      'assay-signature': this.#config.secrets.map((secret) => `v1=${sign(secret, timestamp, body)}`).join(','),
    };
    const outcome = await postJson(this.#config.url, body, headers, this.#options, signal);
    switch (outcome.type) {
      case 'forbidden':
        return { type: 'refused', reason: outcome.reason };
      case 'failed':
        return retry(outcome.reason);
      case 'answered': {
        if (outcome.status >= 200 && outcome.status < 300) return { type: 'delivered' };
        const reason = `the receiver answered ${outcome.status} ${cutText(outcome.body.trim(), 200)}`.trimEnd();
        // Gone is the one status by which a receiver says that it wants no more.
        if (outcome.status === 410) return { type: 'refused', reason };
        return retry(reason, outcome.retryAfterMs);
      }
    }
  }
}

/** Hexadecimal HMAC-SHA256 over `timestamp.body`. */
export function sign(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

function webhookBody({ id, about, tenant, severity, atUs, title, lines, notifications }: AlertMessage): object {
  return { id, type: `alert.${about}`, tenant, severity, atUs, title, lines, notifications };
}

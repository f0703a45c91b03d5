// A way to tell people or programs. The outbox knows nothing else of Slack, Telegram, mail or webhooks.
import type { Notification, Severity } from '@assay/alerting';

/** A message as every channel gets it: words for people, and what they were made of for programs. */
export interface AlertMessage {
  /** Stays the same over retries: receivers tell duplicates by it. */
  readonly id: string;
  readonly about: Notification['about'] | 'digest';
  readonly tenant: string;
  readonly severity: Severity;
  readonly atUs: number;
  /** One line. */
  readonly title: string;
  /** The details, a line each. */
  readonly lines: readonly string[];
  /** Names the conversation; '' for a digest, which answers nothing. */
  readonly thread: string;
  /** It is the first of its thread in this channel. */
  readonly opens: boolean;
  /** The notifications it stands for: one, or those of a digest. */
  readonly notifications: readonly Notification[];
}

export type SendOutcome =
  /** `note` says what the receiver did not take as it was sent. */
  | { readonly type: 'delivered'; readonly note?: string }
  /** Not now. `afterMs` is what the receiver asked for. */
  | { readonly type: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Never: trying again cannot help. */
  | { readonly type: 'refused'; readonly reason: string };

export interface AlertChannel {
  /** Never rejects. Reasons hold no secret. */
  send(message: AlertMessage, signal: AbortSignal): Promise<SendOutcome>;
}

export function retry(reason: string, afterMs?: number): SendOutcome {
  return afterMs === undefined ? { type: 'retry', reason } : { type: 'retry', reason, afterMs };
}

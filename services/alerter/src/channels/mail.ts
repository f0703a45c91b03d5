// E-mail by SMTP. What comes later in a conversation answers its first message, so that mail programs show the end below the beginning.
// Nothing of an alert can become a header: the subject is one line, addresses are checked, and nodemailer encodes the rest.
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { AlertChannel, AlertMessage, SendOutcome } from './channel.ts';
import { retry } from './channel.ts';
import { cutText } from './cut-text.ts';
import { ForbiddenAddress, forbiddenHost, guardedLookup, type OutboundPolicy } from './outbound-policy.ts';

export interface MailConfig {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte (port 465), `starttls` required (587), or `none`, for a relay on the same machine or network. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly login?: { readonly user: string; readonly password: string };
  readonly from: string;
  readonly to: readonly string[];
}

export interface MailOptions extends OutboundPolicy {
  readonly timeoutMs: number;
  readonly ca?: string;
}

/** Longest subject: mail programs show a fraction of it. */
const MAX_SUBJECT = 200;

// Stricter than RFC 5322: no comments, quotes, lists or control characters, so an address is one address wherever it is put.
const ADDRESS = /^[^\s<>()[\]\\,;:"@]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text);
}

export class MailChannel implements AlertChannel {
  readonly #config: MailConfig;
  readonly #options: MailOptions;

  constructor(config: MailConfig, options: MailOptions) {
    this.#config = config;
    this.#options = options;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { from, to, host } = this.#config;
    const bad = [from, ...to].find((address) => !isMailAddress(address));
    if (bad !== undefined) return { type: 'refused', reason: `${JSON.stringify(bad)} is no mail address` };
    const forbidden = forbiddenHost(host, this.#options);
    if (forbidden !== undefined) return { type: 'refused', reason: forbidden };
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]);
    let socket: Socket | undefined;
    try {
      socket = await this.#connect(within);
      const info = await this.#transport(socket).sendMail({ ...mailOf(message, this.#config), signal: within });
      if (info.rejected.length === 0) return { type: 'delivered' };
      return { type: 'delivered', note: `not taken for ${info.rejected.map(String).join(', ')}` };
    } catch (error) {
      return outcomeOf(error, host, within, this.#options.timeoutMs);
    } finally {
      socket?.destroy();
    }
  }

  // nodemailer would resolve the name by itself: the connection is made here, to a checked address.
  #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#config;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, lookup: guardedLookup(this.#options), signal });
      // It stays: an error between two owners of the socket must not end the process.
      socket.on('error', reject);
      socket.once('connect', () => resolve(socket));
    });
  }

  #transport(connection: Socket): ReturnType<typeof createTransport> {
    const { host, port, security, login } = this.#config;
    return createTransport({
      host,
      port,
      connection,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
      tls: { servername: host, ...(this.#options.ca === undefined ? {} : { ca: this.#options.ca }) },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }
}

function mailOf(message: AlertMessage, { from, to }: MailConfig): object {
  const { id, title, lines, thread, opens, atUs } = message;
  const domain = from.slice(from.lastIndexOf('@') + 1);
  // Two channels tell of one alert in two conversations.
  const channel = message.notifications[0]?.channel.replace(/[^A-Za-z0-9-]/g, '-') ?? '';
  const root = `<${thread}.${channel}@${domain}>`;
  const answers = opens || thread === '' ? {} : { inReplyTo: root, references: root };
  return {
    from,
    to: [...to],
    subject: cutText(oneLine(title), MAX_SUBJECT),
    date: new Date(atUs / 1000),
    messageId: opens && thread !== '' ? root : `<${id}@${domain}>`,
    ...answers,
    // Asks out-of-office programs to stay quiet (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: [title, '', ...lines].join('\n'),
    html: htmlOf(title, lines),
  };
}

function htmlOf(title: string, lines: readonly string[]): string {
  const items = lines.map((line) => `<li>${escape(line)}</li>`).join('');
  return `<p><strong>${escape(title)}</strong></p>${items === '' ? '' : `<ul>${items}</ul>`}`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

function outcomeOf(error: unknown, host: string, within: AbortSignal, timeoutMs: number): SendOutcome {
  if (error instanceof ForbiddenAddress) return { type: 'refused', reason: error.message };
  if (within.aborted && within.reason instanceof DOMException && within.reason.name === 'TimeoutError') {
    return retry(`${host}: no answer within ${timeoutMs} ms`);
  }
  const { code, responseCode, response, message } = error as SmtpError;
  const reason = `${host}: ${cutText(oneLine(response ?? message), 200)}`;
  // 5xx to sender, recipients or message is final (RFC 5321). A login or a certificate can be put right before the bound.
  const aboutMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  const final = aboutMessage && responseCode !== undefined && responseCode >= 500;
  return final ? { type: 'refused', reason } : retry(reason);
}

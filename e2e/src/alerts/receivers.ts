// A Slack, a Telegram and a mail server of one's own, and what makes a pool tell them.
import {
  HttpReceiver,
  MailReceiver,
  SLACK_PATH,
  slackAnswer,
  TELEGRAM_CHAT,
  TELEGRAM_TOKEN,
  telegramAnswer,
} from '@assay/alerter/testing';
import { channelSecret } from '@assay/tenancy';

/** A secret, sealed for the object that keeps it, or to be sealed by whoever takes it. */
type Seal = (secret: string, purpose: string) => unknown;

export class Receivers {
  readonly #slack: HttpReceiver;
  readonly #telegram: HttpReceiver;
  readonly #mail: MailReceiver;

  private constructor(slack: HttpReceiver, telegram: HttpReceiver, mail: MailReceiver) {
    this.#slack = slack;
    this.#telegram = telegram;
    this.#mail = mail;
  }

  static async start(): Promise<Receivers> {
    return new Receivers(
      await HttpReceiver.start(slackAnswer),
      await HttpReceiver.start(telegramAnswer),
      await MailReceiver.start(),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#slack.close(), this.#telegram.close(), this.#mail.close()]);
  }

  /** Of a pool that finds them on this machine, and tells at once. */
  get settings(): Readonly<Record<string, string>> {
    return {
      ASSAY_ALERTS_TICK_SECONDS: '1',
      ASSAY_ALERTS_GROUP_WAIT_SECONDS: '0',
      ASSAY_ALERTS_ALLOW_PRIVATE_NETWORKS: 'true',
      ASSAY_ALERTS_TELEGRAM_API_URL: this.#telegram.url('/'),
      ASSAY_ALERTS_SMTP_HOST: '127.0.0.1',
      ASSAY_ALERTS_SMTP_PORT: String(this.#mail.port),
      ASSAY_ALERTS_SMTP_SECURITY: 'none',
      ASSAY_ALERTS_SMTP_FROM: 'assay@pool.example',
    };
  }

  /** Channels of a tenant to them, as objects of the configuration: `chat`, `phone` and `post`. */
  channels(
    tenant: string,
    seal: Seal,
  ): { readonly kind: 'alert_channel'; readonly id: string; readonly body: unknown }[] {
    const channel = (id: string, name: string, sendsTo: unknown) =>
      ({ kind: 'alert_channel', id, body: { tenant, name, enabled: true, sendsTo } }) as const;
    return [
      channel('chat', 'Chat', {
        type: 'slack',
        sealedUrl: seal(this.#slack.url(SLACK_PATH), channelSecret('chat')),
      }),
      channel('phone', 'Phone', {
        type: 'telegram',
        sealedToken: seal(TELEGRAM_TOKEN, channelSecret('phone')),
        chat: TELEGRAM_CHAT,
      }),
      channel('post', 'Mail', { type: 'mail', to: ['ops@farm.example'] }),
    ];
  }

  /** What came so far, by receiver: Slack, Telegram, mail. */
  get told(): readonly (readonly string[])[] {
    return [
      this.#slack.received.map(({ body }) => body),
      this.#telegram.received.map(({ body }) => body),
      this.#mail.mails.map(({ text }) => text),
    ];
  }
}

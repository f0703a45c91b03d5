// The configuration of alerts as the control log has it, in the shape that the alerts and the outbox need. It is worked out anew after each change
// of its kinds; where a secret cannot be opened, the channel says so with each attempt, which is tried again.
import type { AlertConfig, AlertRule, MaintenanceWindow, QuietHours } from '@assay/alerting';
import type { Sealer } from '@assay/platform';
import {
  channelSecret,
  webhookSecret,
  type AlertChannelBody,
  type AlertRuleBody,
  type ControlKind,
  type ControlObject,
  type ControlState,
  type WebhookBody,
} from '@assay/tenancy';
import type { AlerterConfig } from './config.ts';
import { retry, type AlertChannel } from './channels/channel.ts';
import { MailChannel, type MailConfig } from './channels/mail.ts';
import { SlackChannel } from './channels/slack.ts';
import { TelegramChannel } from './channels/telegram.ts';
import { WebhookChannel } from './channels/webhook.ts';
import type { ConfiguredChannel } from './outbox/sender.ts';

/** Opens what was sealed with the key of the pool: the platform's Sealer. */
export type Unsealer = Pick<Sealer, 'open'>;

export interface ConfigurationOptions {
  readonly unsealer: Unsealer;
  readonly nowUs: () => number;
  readonly allowPrivate: boolean;
  readonly sendTimeoutMs: number;
  readonly telegramApiUrl: string;
  /** The pool's own mail server; undefined when it has none. */
  readonly mailServer: Omit<MailConfig, 'to'> | undefined;
}

/** What the settings say of channels. */
export function configurationOptions(
  config: AlerterConfig,
  ports: Pick<ConfigurationOptions, 'unsealer' | 'nowUs'>,
): ConfigurationOptions {
  const { smtpHost: host, smtpPort: port, smtpSecurity: security, smtpFrom: from, smtpUser: user } = config;
  const login = user === '' ? {} : { login: { user, password: config.smtpPassword } };
  return {
    ...ports,
    allowPrivate: config.allowPrivate,
    sendTimeoutMs: config.sendTimeoutSeconds * 1000,
    telegramApiUrl: config.telegramApiUrl,
    mailServer: host === '' ? undefined : { host, port, security, from, ...login },
  };
}

const KINDS: ReadonlySet<ControlKind> = new Set(['alert_rule', 'alert_channel', 'webhook', 'maintenance_window']);
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const DEFAULT_DAMPING = { times: 4, withinMinutes: 60, calmMinutes: 20 };

/** Channels and webhooks have ids of their own, which may be the same. */
const webhookId = (id: string): string => `webhook:${id}`;

export class AlertingConfiguration {
  readonly #state: ControlState;
  readonly #options: ConfigurationOptions;
  #config: AlertConfig | undefined;
  readonly #channels = new Map<string, ConfiguredChannel>();

  constructor(state: ControlState, options: ConfigurationOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Works everything out anew. To be called once the fold has caught up: before, `config` is undefined. */
  refresh(): void {
    this.#channels.clear();
    for (const { id, body } of this.#state.all('alert_channel')) this.#channels.set(id, this.#channelOf(id, body));
    for (const { id, body } of this.#state.all('webhook')) this.#channels.set(webhookId(id), this.#webhookOf(id, body));
    const rules = new Map<string, AlertRule>();
    for (const object of this.#state.all('alert_rule')) {
      if (object.body.enabled) rules.set(object.id, this.#ruleOf(object));
    }
    this.#config = { rules, windows: [...this.#state.all('maintenance_window')].map(windowOf) };
  }

  /** Refreshes when one of these kinds is one of alerting's: for ControlLog.onChange, after the first refresh. */
  changed(kinds: Iterable<ControlKind>): void {
    for (const kind of kinds) if (KINDS.has(kind)) return this.refresh();
  }

  get config(): AlertConfig | undefined {
    return this.#config;
  }

  channel(id: string): ConfiguredChannel | undefined {
    return this.#channels.get(id);
  }

  #ruleOf({ id, body }: ControlObject<'alert_rule'>): AlertRule {
    const damping = body.damping ?? DEFAULT_DAMPING;
    return {
      id,
      tenant: body.tenant,
      name: body.name,
      kind: body.looksFor.kind,
      forUs: body.forSeconds * SECOND_US,
      clearForUs: body.clearForSeconds * SECOND_US,
      flapping: {
        times: damping.times,
        withinUs: damping.withinMinutes * MINUTE_US,
        calmUs: damping.calmMinutes * MINUTE_US,
      },
      steps: body.steps.map((step) => ({ afterUs: step.afterMinutes * MINUTE_US, channels: this.#enabled(step) })),
      ...(body.quietHours === undefined ? {} : { quietHours: quietHoursOf(body.quietHours) }),
    };
  }

  /** Who is to be told at a step: channels that are switched off are told nothing. */
  #enabled({ channels, webhooks }: AlertRuleBody['steps'][number]): string[] {
    return [
      ...channels.filter((id) => this.#state.get('alert_channel', id)?.body.enabled),
      ...webhooks.filter((id) => this.#state.get('webhook', id)?.body.enabled).map(webhookId),
    ];
  }

  #channelOf(id: string, { sendsTo }: AlertChannelBody): ConfiguredChannel {
    const open = (sealed: string): string | undefined => this.#options.unsealer.open(sealed, channelSecret(id));
    const kind = sendsTo.type;
    const post = this.#post();
    switch (sendsTo.type) {
      case 'slack': {
        const url = open(sendsTo.sealedUrl);
        return { kind, channel: url === undefined ? SEALED : new SlackChannel({ url }, post) };
      }
      case 'telegram': {
        const token = open(sendsTo.sealedToken);
        if (token === undefined) return { kind, channel: SEALED };
        const { telegramApiUrl: apiUrl } = this.#options;
        return { kind, channel: new TelegramChannel({ token, chat: sendsTo.chat, apiUrl }, post) };
      }
      case 'mail':
        return { kind, channel: this.#mailOf(sendsTo, open) };
    }
  }

  #mailOf(
    { to, server }: AlertChannelBody['sendsTo'] & { type: 'mail' },
    open: (sealed: string) => string | undefined,
  ): AlertChannel {
    const { mailServer, sendTimeoutMs: timeoutMs, allowPrivate } = this.#options;
    if (server === undefined) {
      if (mailServer === undefined) return failing('the pool has no mail server: ASSAY_ALERTS_SMTP_HOST names it');
      // The operator named it, and it may well stand in their own network.
      return new MailChannel({ ...mailServer, to }, { allowPrivate: true, timeoutMs });
    }
    const { user, sealedPassword, ...where } = server;
    if (user === undefined || sealedPassword === undefined) {
      return new MailChannel({ ...where, to }, { allowPrivate, timeoutMs });
    }
    const password = open(sealedPassword);
    if (password === undefined) return SEALED;
    return new MailChannel({ ...where, to, login: { user, password } }, { allowPrivate, timeoutMs });
  }

  #webhookOf(id: string, { url, sealedSecrets }: WebhookBody): ConfiguredChannel {
    const { unsealer } = this.#options;
    const secrets = sealedSecrets.flatMap((sealed) => unsealer.open(sealed, webhookSecret(id)) ?? []);
    // Without all of them a receiver that knows but one could take the message for forged.
    if (secrets.length < sealedSecrets.length) return { kind: 'webhook', channel: SEALED };
    const channel = new WebhookChannel({ url, secrets }, this.#post(), this.#options.nowUs);
    return { kind: 'webhook', channel };
  }

  #post(): { readonly allowPrivate: boolean; readonly timeoutMs: number } {
    return { allowPrivate: this.#options.allowPrivate, timeoutMs: this.#options.sendTimeoutMs };
  }
}

function failing(reason: string): AlertChannel {
  return { send: () => Promise.resolve(retry(reason)) };
}

const SEALED = failing('its secret was sealed with another key: enter it again');

function windowOf({ id, body }: ControlObject<'maintenance_window'>): MaintenanceWindow {
  const { tenant, under, fromUs, untilUs } = body;
  return { id, tenant, under, fromUs, toUs: untilUs };
}

function quietHoursOf({ timeZone, days, from, to, passes }: NonNullable<AlertRuleBody['quietHours']>): QuietHours {
  return { timeZone, days, from: minutesOf(from), to: minutesOf(to), passes };
}

function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}

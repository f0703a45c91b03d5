// Every setting of the alerter, with its bound and its default.
import { defineSettings, flag, secret, setting, whole, type SettingsOf } from '@assay/platform';
import { z } from 'zod';

export const alerterSettings = defineSettings({
  tickSeconds: setting(
    'ASSAY_ALERTS_TICK_SECONDS',
    whole(1, 600),
    10,
    'Seconds between two looks at what detection says and what has come due.',
  ),
  warmUpMinutes: setting(
    'ASSAY_ALERTS_WARM_UP_MINUTES',
    whole(1, 10_080),
    180,
    'Minutes before its start that detection learns from. What is missing of it is learned as it comes.',
  ),
  groupWaitSeconds: setting(
    'ASSAY_ALERTS_GROUP_WAIT_SECONDS',
    whole(0, 3600),
    30,
    'Seconds that an alert waits before it is told, so that what fires with it is told in the same message.',
  ),
  groupEndWaitSeconds: setting(
    'ASSAY_ALERTS_GROUP_END_WAIT_SECONDS',
    whole(0, 86_400),
    300,
    'Seconds after which the end of a part of a group is told; the end of all of it is told at once.',
  ),
  messagesPerMinute: setting(
    'ASSAY_ALERTS_MESSAGES_PER_MINUTE',
    whole(1, 6000),
    15,
    'Messages a minute to one channel. What comes faster goes out as one digest. Telegram takes 20 a minute to a group.',
  ),
  messagesAtOnce: setting(
    'ASSAY_ALERTS_MESSAGES_AT_ONCE',
    whole(1, 1000),
    5,
    'Messages that one channel may get at once before that rate applies.',
  ),
  giveUpHours: setting(
    'ASSAY_ALERTS_GIVE_UP_HOURS',
    whole(1, 1000),
    24,
    'Hours that a message is tried again before it is given up as undeliverable.',
  ),
  sendsAtOnce: setting(
    'ASSAY_ALERTS_SENDS_AT_ONCE',
    whole(1, 1000),
    32,
    'Messages under way at once, over all channels.',
  ),
  sendTimeoutSeconds: setting(
    'ASSAY_ALERTS_SEND_TIMEOUT_SECONDS',
    whole(1, 600),
    15,
    'Seconds that one attempt to send may take.',
  ),
  allowPrivate: setting(
    'ASSAY_ALERTS_ALLOW_PRIVATE_NETWORKS',
    flag,
    false,
    'Whether channels may reach private networks, this machine included, and plain HTTP. Whoever may write channels can then reach them too.',
  ),
  telegramApiUrl: setting(
    'ASSAY_ALERTS_TELEGRAM_API_URL',
    z.string().regex(/^https?:\/\/[^\s?#]+$/, 'expected a URL'),
    'https://api.telegram.org',
    'Where the Bot API of Telegram is: a server of your own, for one.',
  ),
  smtpHost: setting(
    'ASSAY_ALERTS_SMTP_HOST',
    z.string().max(253),
    '',
    'Mail server of the pool, for channels that name none of their own. It may stand in a private network.',
  ),
  smtpPort: setting('ASSAY_ALERTS_SMTP_PORT', whole(1, 65_535), 587, 'Its port.'),
  smtpSecurity: setting(
    'ASSAY_ALERTS_SMTP_SECURITY',
    z.enum(['tls', 'starttls', 'none']),
    'starttls',
    '`tls` from the first byte, `starttls` before anything else is said, or `none`.',
  ),
  smtpFrom: setting('ASSAY_ALERTS_SMTP_FROM', z.string().max(254), '', 'Address that its mails come from.'),
  smtpUser: setting('ASSAY_ALERTS_SMTP_USER', z.string().max(254), '', 'Whom to log in as; nobody when empty.'),
  smtpPassword: secret('ASSAY_ALERTS_SMTP_PASSWORD', z.string().max(1000), '', 'The password of that login.'),
});

export type AlerterConfig = SettingsOf<typeof alerterSettings>;

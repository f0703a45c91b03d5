// Where a channel sends to, as a client gives it: secrets in the clear, to be sealed here. One that is not given stays only where it is sent to whom
// it was sent before: who may change a channel must not get at a secret that they never knew.
import { channelSecret, type AlertChannelBody } from '@assay/tenancy';
import { isGiven } from '../../argument-bounds.ts';
import { ClientError } from '../../errors.ts';
import type { AlertingResolverPorts } from './ports.ts';

interface MailServerInput {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly from: string;
  readonly user?: string | null;
  readonly password?: string | null;
}

export interface ChannelInput {
  readonly name?: string | null;
  readonly enabled?: boolean | null;
  readonly slack?: { readonly url: string } | null;
  readonly telegram?: { readonly token?: string | null; readonly chat: string } | null;
  readonly mail?: { readonly to: readonly string[]; readonly server?: MailServerInput | null } | null;
}

type SendsTo = AlertChannelBody['sendsTo'];
type Sealer = AlertingResolverPorts['sealer'];

const MAX_SECRET = 2000;

/** Throws ClientError NOT_CONFIGURED without a key to seal with. */
export function sealedFor(sealer: Sealer, secret: string, purpose: string): string {
  if (!sealer.canSeal)
    throw new ClientError(
      'NOT_CONFIGURED',
      'The pool has no key to seal secrets with: set ASSAY_SECRETS_KEY, the same for all services.',
    );
  if (secret === '' || secret.length > MAX_SECRET)
    throw new ClientError('BAD_USER_INPUT', `A secret has 1 to ${MAX_SECRET} characters.`);
  return sealer.seal(secret, purpose);
}

/** Undefined when nothing of it is given. Throws ClientError. */
export function sendsToOf(
  sealer: Sealer,
  id: string,
  { slack, telegram, mail }: ChannelInput,
  before: SendsTo | undefined,
): SendsTo | undefined {
  if ([slack, telegram, mail].filter(isGiven).length > 1)
    throw new ClientError('BAD_USER_INPUT', 'A channel is one of `slack`, `telegram` and `mail`.');
  const seal = (secret: string): string => sealedFor(sealer, secret, channelSecret(id));
  if (isGiven(slack)) return { type: 'slack', sealedUrl: seal(slackUrl(slack.url)) };
  if (isGiven(telegram)) {
    const { token, chat } = telegram;
    if (isGiven(token)) return { type: 'telegram', sealedToken: seal(token), chat };
    if (before?.type !== 'telegram') throw new ClientError('BAD_USER_INPUT', 'A bot of Telegram needs its `token`.');
    return { ...before, chat };
  }
  if (!isGiven(mail)) return undefined;
  const to = [...mail.to];
  if (!isGiven(mail.server)) return { type: 'mail', to };
  const { password, user, host, port, security, from } = mail.server;
  const where = { host, port, security, from, ...(isGiven(user) && { user }) };
  const old = before?.type === 'mail' ? before.server : undefined;
  const isSame =
    old?.host === host && old.port === port && old.security === security && old.user === (user ?? undefined);
  const sealedPassword = isGiven(password)
    ? seal(password)
    : password === undefined && isSame
      ? old.sealedPassword
      : undefined;
  return { type: 'mail', to, server: { ...where, ...(sealedPassword !== undefined && { sealedPassword }) } };
}

function slackUrl(url: string): string {
  if (/^https?:\/\/[^\s/?#@]+\/\S*$/.test(url)) return url;
  throw new ClientError('BAD_USER_INPUT', 'The URL of an incoming webhook begins with https://hooks.slack.com/.');
}

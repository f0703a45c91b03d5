// A channel as the form has it, and what to send of it: the part of its own sort alone. Pure.
import type { ChannelInput } from './alerting-documents.ts';

export const TYPE_WORDS = { MAIL: 'Mail', SLACK: 'Slack', TELEGRAM: 'Telegram' } as const;

interface Channel {
  readonly type: keyof typeof TYPE_WORDS;
  readonly chat: string | null;
  readonly to: readonly string[] | null;
  /** One of its own, which the page shows nothing of and must not take away. Its password stays, as it is sent to whom it was. */
  readonly server: NonNullable<NonNullable<ChannelInput['mail']>['server']> | null;
}

/** What is given is sent over what the channel is; a secret that was not given stays. */
export function channelInput(given: Readonly<Record<string, unknown>>, before: Channel | undefined): ChannelInput {
  const type = before?.type ?? (given['type'] as Channel['type']);
  const named = Object.fromEntries(
    ['name', 'enabled'].filter((name) => name in given).map((name) => [name, given[name]]),
  );
  switch (type) {
    case 'SLACK':
      return 'url' in given || before === undefined ? { ...named, slack: { url: textIn(given['url']) } } : named;
    case 'TELEGRAM': {
      if (before !== undefined && !('token' in given) && !('chat' in given)) return named;
      const token = textIn(given['token']);
      const chat = textIn(given['chat'] ?? before?.chat);
      return { ...named, telegram: { chat, ...(token !== '' && { token }) } };
    }
    case 'MAIL':
      return 'to' in given || before === undefined
        ? { ...named, mail: { to: (given['to'] ?? []) as string[], server: before?.server ?? null } }
        : named;
  }
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

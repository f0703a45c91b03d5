// For tests of what tells people: the other ends of its channels. Not for anything that ships.
export { HttpReceiver, type Received } from './http-receiver.ts';
export { MailReceiver } from './mail-receiver.ts';
export { SLACK_PATH, slackAnswer } from './slack-rules.ts';
export { TELEGRAM_CHAT, TELEGRAM_TOKEN, telegramAnswer } from './telegram-rules.ts';

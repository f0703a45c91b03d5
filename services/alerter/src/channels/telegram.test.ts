import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aMessage, HOSTILE } from '../testing/alerts.ts';
import { HttpReceiver } from '../testing/http-receiver.ts';
import { failure, TELEGRAM_CHAT, TELEGRAM_TOKEN, telegramAnswer } from '../testing/telegram-rules.ts';
import { TelegramChannel } from './telegram.ts';

let telegram: HttpReceiver;
const never = new AbortController().signal;
beforeAll(async () => {
  telegram = await HttpReceiver.start(telegramAnswer);
});
beforeEach(() => {
  telegram.respond = telegramAnswer;
});
afterAll(() => telegram.close());

const channel = (changes: { token?: string; chat?: string } = {}): TelegramChannel =>
  new TelegramChannel(
    { token: TELEGRAM_TOKEN, chat: TELEGRAM_CHAT, apiUrl: telegram.url('/'), ...changes },
    { allowPrivate: true, timeoutMs: 5000 },
  );

it('sends the title in bold and the details below it', async () => {
  expect(await channel().send(aMessage(), never)).toEqual({ type: 'delivered' });
  expect(JSON.parse(telegram.received.at(-1)!.body)).toEqual({
    chat_id: TELEGRAM_CHAT,
    text:
      '<b>WARNING: acme.north.r1.m1: hash rate below what is expected</b>\n' +
      'rate: 93.1 TH/s (90.2 to 96.0)\nexpected: 104 TH/s\nsince: 2026-01-14 11:50:00 UTC',
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  });
});

it('escapes what would be a tag, and stays within 4,096 characters whatever it is given', async () => {
  expect(await channel().send(aMessage({ title: HOSTILE, lines: [HOSTILE] }), never)).toEqual({ type: 'delivered' });
  for (const filler of ['x', '&', '<&>', '\u{1F525}']) {
    const message = aMessage({ title: filler.repeat(9000), lines: new Array(300).fill(filler.repeat(2000)) });
    expect(await channel().send(message, never)).toEqual({ type: 'delivered' });
    expect(telegram.received.at(-1)!.body).toMatch(/\(\d+ more lines left out\)/);
  }
});

it('waits as long as it is asked to', async () => {
  telegram.respond = () => failure(429, 'Too Many Requests: retry after 9', { retry_after: 9 });
  expect(await channel().send(aMessage(), never)).toEqual({
    type: 'retry',
    reason: 'Telegram answered 429 Too Many Requests: retry after 9',
    afterMs: 9000,
  });
});

it('follows a group that became a supergroup, and says so', async () => {
  telegram.respond = (received) =>
    received.body.includes('"-42"')
      ? failure(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
          migrate_to_chat_id: Number(TELEGRAM_CHAT),
        })
      : telegramAnswer(received);
  expect(await channel({ chat: '-42' }).send(aMessage(), never)).toEqual({
    type: 'delivered',
    note: `the chat is now ${TELEGRAM_CHAT}: change the channel`,
  });
});

it('tries again what somebody may put right, and not what is wrong with the message', async () => {
  expect(await channel({ token: '1:wrong' }).send(aMessage(), never)).toEqual({
    type: 'retry',
    reason: 'Telegram answered 401 Unauthorized',
  });
  expect((await channel({ chat: '-1' }).send(aMessage(), never)).type).toBe('retry');
  telegram.respond = () => failure(403, 'Forbidden: bot was kicked from the group chat');
  expect((await channel().send(aMessage(), never)).type).toBe('retry');
  telegram.respond = () => failure(400, "Bad Request: can't parse entities");
  expect((await channel().send(aMessage(), never)).type).toBe('refused');
  telegram.respond = () => ({ status: 502, body: '<html>Bad Gateway</html>' });
  expect((await channel().send(aMessage(), never)).type).toBe('retry');
});

it('never puts the token into a reason', async () => {
  const config = { token: TELEGRAM_TOKEN, chat: TELEGRAM_CHAT, apiUrl: 'http://127.0.0.1:1' };
  const outcome = await new TelegramChannel(config, { allowPrivate: true, timeoutMs: 5000 }).send(aMessage(), never);
  expect(outcome).toEqual({ type: 'retry', reason: '127.0.0.1:1: ECONNREFUSED' });
});

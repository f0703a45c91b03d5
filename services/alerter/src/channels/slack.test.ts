import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aMessage, HOSTILE } from '../testing/alerts.ts';
import { HttpReceiver } from '../testing/http-receiver.ts';
import { SLACK_PATH, slackAnswer } from '../testing/slack-rules.ts';
import { SlackChannel } from './slack.ts';

let slack: HttpReceiver;
const never = new AbortController().signal;
beforeAll(async () => {
  slack = await HttpReceiver.start(slackAnswer);
});
beforeEach(() => {
  slack.respond = slackAnswer;
});
afterAll(() => slack.close());

const channel = (path = SLACK_PATH): SlackChannel =>
  new SlackChannel({ url: slack.url(path) }, { allowPrivate: true, timeoutMs: 5000 });

it('sends blocks, and a text for what shows no blocks', async () => {
  expect(await channel().send(aMessage(), never)).toEqual({ type: 'delivered' });
  expect(JSON.parse(slack.received.at(-1)!.body)).toEqual({
    text: 'WARNING: acme.north.r1.m1: hash rate below what is expected',
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: 'WARNING: acme.north.r1.m1: hash rate below what is expected',
          emoji: false,
        },
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: 'rate: 93.1 TH/s (90.2 to 96.0)\nexpected: 104 TH/s\nsince: 2026-01-14 11:50:00 UTC',
        },
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: '5f3c0a6be1d24d0f9a4b7c8d9e0f1a2b' }] },
    ],
  });
});

it('escapes what Slack takes for its own, so that nobody is mentioned by a name that a miner chose', async () => {
  const message = aMessage({ title: HOSTILE, lines: [HOSTILE] });
  expect(await channel().send(message, never)).toEqual({ type: 'delivered' });
  expect(slack.received.at(-1)!.body).not.toMatch(/<!channel>[^"]*"\}\}/);
});

it('stays within the limits whatever it is given, and says what it left out', async () => {
  for (const filler of ['x', '&', '<&>', '\u{1F525}']) {
    const message = aMessage({ title: filler.repeat(9000), lines: new Array(300).fill(filler.repeat(2000)) });
    expect(await channel().send(message, never)).toEqual({ type: 'delivered' });
    expect(slack.received.at(-1)!.body).toMatch(/\(\d+ more lines left out\)/);
  }
  expect(await channel().send(aMessage({ lines: [] }), never)).toEqual({ type: 'delivered' });
});

it('waits as long as it is asked to', async () => {
  slack.respond = () => ({ status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' });
  expect(await channel().send(aMessage(), never)).toEqual({
    type: 'retry',
    reason: 'Slack answered 429 rate_limited',
    afterMs: 30_000,
  });
});

it('tells what may pass from what will not', async () => {
  expect(await channel('/services/gone').send(aMessage(), never)).toEqual({
    type: 'retry',
    reason: 'Slack answered 404 no_service',
  });
  slack.respond = () => ({ status: 500, body: 'rollup_error' });
  expect((await channel().send(aMessage(), never)).type).toBe('retry');
  slack.respond = () => ({ status: 400, body: 'invalid_blocks' });
  expect((await channel().send(aMessage(), never)).type).toBe('refused');
});

it('never puts the secret path into a reason', async () => {
  const url = `http://127.0.0.1:1${SLACK_PATH}`;
  const outcome = await new SlackChannel({ url }, { allowPrivate: true, timeoutMs: 5000 }).send(aMessage(), never);
  expect(outcome).toEqual({ type: 'retry', reason: '127.0.0.1:1: ECONNREFUSED' });
  const forbidden = await new SlackChannel({ url }, { allowPrivate: false, timeoutMs: 5000 }).send(aMessage(), never);
  expect(forbidden.type).toBe('refused');
  expect(JSON.stringify(forbidden)).not.toContain('XXXX');
});

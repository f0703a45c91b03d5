// What Slack checks of a message to an incoming webhook, with the errors it answers (https://docs.slack.dev/reference/block-kit/blocks,
// https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks).
import type { Answer, Received } from './http-receiver.ts';

export const SLACK_PATH = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';

interface TextObject {
  readonly type?: string;
  readonly text?: string;
}

interface Block {
  readonly type?: string;
  readonly text?: TextObject;
  readonly elements?: readonly TextObject[];
}

export function slackAnswer({ path, headers, body }: Received): Answer {
  if (path !== SLACK_PATH) return { status: 404, body: 'no_service' };
  if (!/^application\/json/.test(headers['content-type'] ?? '')) return { status: 400, body: 'invalid_payload' };
  let payload: { text?: unknown; blocks?: unknown };
  try {
    payload = JSON.parse(body) as typeof payload;
  } catch {
    return { status: 400, body: 'invalid_payload' };
  }
  if (typeof payload.text !== 'string' || payload.text === '') return { status: 400, body: 'no_text' };
  if (!goodText(payload.text, 40_000)) return { status: 400, body: 'invalid_payload' };
  const blocks = payload.blocks;
  if (!Array.isArray(blocks) || blocks.length > 50) return { status: 400, body: 'invalid_blocks' };
  const good = (blocks as Block[]).every((block) => goodBlock(block));
  return good ? { status: 200, body: 'ok' } : { status: 400, body: 'invalid_blocks' };
}

function goodBlock({ type, text, elements }: Block): boolean {
  switch (type) {
    case 'header':
      return text?.type === 'plain_text' && text.text !== undefined && text.text !== '' && text.text.length <= 150;
    case 'section':
      return text?.type === 'mrkdwn' && goodText(text.text ?? '', 3000);
    case 'context':
      return (
        elements !== undefined &&
        elements.length <= 10 &&
        elements.every((element) => element.type === 'mrkdwn' && goodText(element.text ?? '', 3000))
      );
    default:
      return false;
  }
}

/** Not empty, not too long, and every character that Slack takes for its own escaped. */
function goodText(text: string, most: number): boolean {
  const rest = text.replace(/&(amp|lt|gt);/g, '');
  return text !== '' && text.length <= most && !/[&<>]/.test(rest);
}

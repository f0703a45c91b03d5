// What the Bot API checks of sendMessage, with the errors it answers (https://core.telegram.org/bots/api#sendmessage, #html-style).
import type { Answer, Received } from './http-receiver.ts';

export const TELEGRAM_TOKEN = '123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
export const TELEGRAM_CHAT = '-1001234567890';

export function telegramAnswer({ path, body }: Received): Answer {
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
  if (token !== TELEGRAM_TOKEN) return failure(401, 'Unauthorized');
  if (method !== 'sendMessage') return failure(404, 'Not Found');
  const { chat_id: chat, text, parse_mode: mode } = JSON.parse(body) as Record<string, string>;
  if (String(chat) !== TELEGRAM_CHAT) return failure(400, 'Bad Request: chat not found');
  if (text === undefined || text === '') return failure(400, 'Bad Request: message text is empty');
  if (mode !== 'HTML') return failure(400, 'Bad Request: unsupported parse_mode');
  const plain = readHtml(text);
  if (plain === undefined) return failure(400, "Bad Request: can't parse entities");
  if (plain.length > 4096) return failure(400, 'Bad Request: message is too long');
  return { status: 200, body: JSON.stringify({ ok: true, result: { message_id: 1, text: plain } }) };
}

export function failure(code: number, description: string, parameters?: object): Answer {
  return { status: code, body: JSON.stringify({ ok: false, error_code: code, description, parameters }) };
}

/** The text without its tags and entities; undefined where a tag is not closed, or a character that should be is not escaped. */
function readHtml(text: string): string | undefined {
  const open: string[] = [];
  let plain = '';
  for (const [token] of text.matchAll(/<\/?\w+>|&(?:lt|gt|amp|quot);|[\s\S]/g)) {
    if (token.startsWith('</')) {
      if (open.pop() !== token.slice(2, -1)) return undefined;
    } else if (token.length > 2 && token.startsWith('<')) {
      if (!['b', 'i', 'u', 's', 'code', 'pre'].includes(token.slice(1, -1))) return undefined;
      open.push(token.slice(1, -1));
    } else if (token === '<' || token === '>' || token === '&') {
      return undefined;
    } else {
      plain += token.startsWith('&') ? 'x' : token;
    }
  }
  return open.length === 0 ? plain : undefined;
}

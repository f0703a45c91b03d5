// Splits an INSERT into its head and its data, so that the data goes to a file and never through the SQL parser: inline, the
// engine cuts a body at a blank line and runs the rest as SQL. Only the head is read here, token by token, with ClickHouse's quoting.
import { failure } from './clickhouse-error.ts';

export interface InsertWithData {
  /** Everything before `SETTINGS`, `FORMAT` or `VALUES`. */
  readonly target: string;
  /** The SETTINGS clause, or empty. */
  readonly settings: string;
  readonly format: string;
  /** Where in the text the data begins. */
  readonly dataStart: number;
}

interface Token {
  readonly start: number;
  readonly end: number;
  /** Upper case for a bare word, the character itself for punctuation, '' for anything quoted. */
  readonly word: string;
}

const BLANK = /\s+|--[^\n]*|#!?[^\n]*|\/\*[\s\S]*?\*\//y;
const WORD = /[A-Za-z_0-9$.]+/y;
const QUOTED = /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"/y;

function nextToken(text: string, from: number): Token | undefined {
  let start = from;
  for (BLANK.lastIndex = start; BLANK.test(text); BLANK.lastIndex = start) start = BLANK.lastIndex;
  if (start >= text.length) return undefined;
  QUOTED.lastIndex = WORD.lastIndex = start;
  if (QUOTED.test(text)) return { start, end: QUOTED.lastIndex, word: '' };
  if (WORD.test(text)) return { start, end: WORD.lastIndex, word: text.slice(start, WORD.lastIndex).toUpperCase() };
  return { start, end: start + 1, word: text[start]! };
}

/**
 * The head of an INSERT that carries data, or undefined for every other statement (INSERT ... SELECT included).
 * `text` may end inside the data. Fails where the data would come from a file of the server.
 */
export function splitInsert(text: string): InsertWithData | undefined {
  let token = nextToken(text, 0);
  if (token?.word !== 'INSERT') return undefined;
  const start = token.start;
  let depth = 0;
  let settingsStart: number | undefined;
  for (token = nextToken(text, token.end); token; token = nextToken(text, token.end)) {
    if (token.word === '(') depth++;
    else if (token.word === ')') depth--;
    if (depth > 0) continue;
    switch (token.word) {
      case 'SELECT':
      case 'WITH':
      case 'WATCH':
        return undefined;
      case 'INFILE':
        throw failure(
          'NOT_IMPLEMENTED',
          'INSERT FROM INFILE reads a file of the client: send the data as the body instead',
        );
      case 'SETTINGS':
        settingsStart ??= token.start;
        break;
      case 'VALUES':
        return head(text, start, settingsStart, token.start, 'Values', token.end);
      case 'FORMAT': {
        const name = nextToken(text, token.end);
        if (!name || !/^\w+$/.test(name.word)) return undefined;
        return head(
          text,
          start,
          settingsStart,
          token.start,
          text.slice(name.start, name.end),
          endOfLine(text, name.end),
        );
      }
    }
  }
  return undefined;
}

function head(
  text: string,
  start: number,
  settingsStart: number | undefined,
  end: number,
  format: string,
  dataStart: number,
): InsertWithData {
  const targetEnd = settingsStart ?? end;
  return {
    target: text.slice(start, targetEnd).trim(),
    settings: text.slice(targetEnd, end).trim(),
    format,
    dataStart,
  };
}

/** Data starts after the blanks behind the format's name and at most one line break; a binary body may begin with anything. */
function endOfLine(text: string, from: number): number {
  const blanks = /[ \t]*;?[ \t]*(\r?\n)?/y;
  blanks.lastIndex = from;
  blanks.test(text);
  return blanks.lastIndex;
}

/** The same insert with its data read from a file of ours. */
export function insertFromFile(insert: InsertWithData, file: string): string {
  const quoted = file.replace(/[\\']/g, '\\$&');
  return `${insert.target} FROM INFILE '${quoted}' COMPRESSION 'none' ${insert.settings} FORMAT ${insert.format}`;
}

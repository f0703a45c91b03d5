// Golden: the dialects of real miners, each from its own source, played against a session (testdata/transcripts).
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SessionDriver, linesOf } from './testing/session-driver.ts';
import { START_US, testListener, testSession } from './testing/test-session.ts';

const directory = new URL('../testdata/transcripts/', import.meta.url);

class Player {
  readonly #listener = testListener();
  readonly #driver = new SessionDriver(testSession(this.#listener));
  readonly #names = new Map<string, string>();
  #nowUs = START_US;
  #sent: string[] = [];
  #reason: string | undefined;

  step(line: string): void {
    const text = line.slice(2);
    switch (line[0]) {
      case undefined:
      case '#':
        return;
      case '<':
        return this.#expectSent(text);
      case '=':
        expect(this.#reason, 'the checks').toBe(text);
        this.#reason = undefined;
        return;
      case '>':
        this.nothingLeft();
        return this.#play(this.#filled(text));
      case '!':
        this.nothingLeft();
        return this.#act(text);
      default:
        throw new Error(`not a transcript line: ${line}`);
    }
  }

  nothingLeft(): void {
    expect(this.#sent, 'lines nobody expected').toEqual([]);
    expect(this.#reason, 'a verdict nobody expected').toBeUndefined();
  }

  #play(text: string): void {
    const bytes = Buffer.from(text);
    const { sent, reason } = this.#driver.play(bytes, 0, bytes.length, this.#nowUs);
    this.#reason = reason;
    this.#take(sent);
  }

  #act(action: string): void {
    this.#nowUs += 30_000_000;
    const published = this.#listener.jobs.add(
      this.#listener.nextJob(this.#nowUs, action === 'clean'),
      action === 'clean',
    );
    const bytes = this.#driver.session.announce(published, this.#nowUs);
    this.#take(bytes === undefined ? [] : linesOf(bytes));
  }

  #take(sent: readonly string[]): void {
    this.#sent.push(...sent);
    for (const line of sent) {
      const { id, method, params, result } = JSON.parse(line) as {
        id: unknown;
        method?: string;
        params?: string[];
        result?: unknown;
      };
      if (Array.isArray(result) && id !== null && result.length === 3) this.#names.set('$en1', result[1] as string);
      if (method !== 'mining.notify') continue;
      this.#names.set('$job', params![0]!).set('$ntime', params![7]!);
      if (!this.#names.has('$job0')) this.#names.set('$job0', params![0]!).set('$ntime0', params![7]!);
    }
  }

  #expectSent(text: string): void {
    const line = this.#sent.shift();
    expect(line, `expected ${text}`).toBeDefined();
    expect(matches(JSON.parse(line!), JSON.parse(this.#filled(text))), `${line} should be ${text}`).toBe(true);
  }

  #filled(text: string): string {
    return text.replace(/\$(job0|ntime0|job|ntime|en1)/g, (name) => this.#names.get(name) ?? name);
  }
}

function matches(actual: unknown, expected: unknown): boolean {
  if (expected === '$any') return true;
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return false;
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(actual).length &&
    keys.every((key) => matches(actual[key as never], expected[key as never]))
  );
}

describe('miners', () => {
  it.each(readdirSync(directory).filter((name) => name.endsWith('.txt')))('%s', (name) => {
    const player = new Player();
    for (const line of readFileSync(new URL(name, directory), 'utf8').split('\n')) player.step(line);
    player.nothingLeft();
  });
});

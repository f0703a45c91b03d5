// The last answers by question, so that going back to a page shows at once what was known, with its true age. Holds at most 40; the
// answer used longest ago goes first.

export interface CachedAnswer {
  readonly data: unknown;
  /** By this browser's clock. */
  readonly receivedAtMs: number;
}

const CAPACITY = 40;
const answers = new Map<string, CachedAnswer>();

export function cachedAnswer(key: string): CachedAnswer | undefined {
  const answer = answers.get(key);
  if (answer) {
    answers.delete(key);
    answers.set(key, answer);
  }
  return answer;
}

export function rememberAnswer(key: string, answer: CachedAnswer): void {
  answers.delete(key);
  answers.set(key, answer);
  if (answers.size > CAPACITY) answers.delete(answers.keys().next().value!);
}

/** What one person was answered is not for the next one at this browser. */
export function forgetAnswers(): void {
  answers.clear();
}

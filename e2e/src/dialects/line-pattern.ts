// What a line of the pool must look like, as a script writes it: JSON in which strings that begin with `$` stand for more than
// themselves. An object must have the keys that are given and may have others; a list must be as long.

/** `$any` matches anything, `$=name` any string and keeps it, `$/re/` a string that the expression finds, `$>=4` and the like a number. */
export function matches(actual: unknown, expected: unknown, keep: (name: string, value: string) => void): boolean {
  if (typeof expected === 'string' && expected.startsWith('$')) return matchesWord(actual, expected.slice(1), keep);
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return false;
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false;
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && matches((actual as Record<string, unknown>)[key], value, keep),
  );
}

function matchesWord(actual: unknown, word: string, keep: (name: string, value: string) => void): boolean {
  if (word === 'any') return true;
  if (word.startsWith('=')) {
    if (typeof actual !== 'string') return false;
    keep(word.slice(1), actual);
    return true;
  }
  if (word.startsWith('/')) return typeof actual === 'string' && new RegExp(word.slice(1, -1), 'i').test(actual);
  return compares(actual, word);
}

/** @param comparison such as `>=4` */
export function compares(actual: unknown, comparison: string): boolean {
  const [, operator, text] = /^(>=|<=|=|>|<)\s*(.+)$/.exec(comparison) ?? [];
  if (operator === undefined || typeof actual !== 'number') return false;
  const bound = Number(text);
  switch (operator) {
    case '>=':
      return actual >= bound;
    case '<=':
      return actual <= bound;
    case '>':
      return actual > bound;
    case '<':
      return actual < bound;
    default:
      return actual === bound;
  }
}

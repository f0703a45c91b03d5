// An assert states what can only be false through a bug of ours. Expected failures are values, never asserts.

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws AssertionError when a condition that must hold does not. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${JSON.stringify(value)}`);
}

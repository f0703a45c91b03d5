// An option of a tool's command line that must be a number above 0.

/** Throws an Error that names the option and what was given. */
export function positiveOption(name: string, given: string): number {
  const value = Number(given);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${JSON.stringify(given)}`);
  return value;
}

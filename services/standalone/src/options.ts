// The command line of the standalone.
import { parseArgs } from 'node:util';

export interface StandaloneOptions {
  /** Adds the simulated farm. */
  readonly demo: boolean;
}

class ArgumentsError extends Error {
  override readonly name = 'ArgumentsError';
  readonly code = 'bad_arguments';
}

export function parseOptions(args: readonly string[]): StandaloneOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: { demo: { type: 'boolean', default: false } } });
    return { demo: values.demo };
  } catch (error) {
    throw new ArgumentsError(
      `${(error as Error).message} Usage: npm start [-- --demo]. Everything else is set by ASSAY_ variables, see README.`,
    );
  }
}

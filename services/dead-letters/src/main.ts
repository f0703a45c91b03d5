// npm run dead-letters: see options.ts, or --help.
import { openLog } from './compose.ts';
import { HELP, parseCommand, UsageError, type Command } from './options.ts';
import { runCommand } from './run-command.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const command: Command = parseCommand(process.argv.slice(2));
  if (command.kind === 'help') {
    print(HELP);
    return 0;
  }
  const log = await openLog(process.env, (message) => process.stderr.write(`dead-letters: ${message}\n`));
  try {
    return await runCommand(command, log, print);
  } finally {
    await log.close();
  }
}

main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`dead-letters: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${HELP}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);

// npm run user: see identity/user-tool.ts, or --help. Follows the control log, of Kafka or of the embedded log, and changes it.
import { systemClock } from '@assay/kernel';
import { parseSettings } from '@assay/platform';
import { graphqlGatewaySettings } from './config.ts';
import { parseUserCommand, runUserCommand, USER_HELP, UserUsageError } from './identity/user-tool.ts';
import { withControlLog } from './tool-control-log.ts';

const warn = (message: string): void => void process.stderr.write(`user: ${message}\n`);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const command = parseUserCommand(process.argv.slice(2));
  if (command === undefined) return void process.stdout.write(USER_HELP);
  const { publicUrl, httpPort } = parseSettings(graphqlGatewaySettings, process.env);
  const baseUrl = publicUrl || `http://127.0.0.1:${httpPort}`;
  await withControlLog(process.env, 'user', warn, (control) =>
    runUserCommand(command, control, systemClock.nowUs(), baseUrl, say),
  );
}

main().catch((error: unknown) => {
  warn(error instanceof Error ? error.message : String(error));
  if (error instanceof UserUsageError) process.stderr.write(`\n${USER_HELP}`);
  process.exitCode = error instanceof UserUsageError ? 2 : 1;
});

// npm run configure: see configuration/configure-tool.ts, or --help.
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseSettings, Sealer, secretsKeyFile, secretsSettings } from '@assay/platform';
import { CONFIGURE_HELP, ConfigureUsageError, parseConfigure, runConfigure } from './configuration/configure-tool.ts';
import { dataDirOf, withControlLog } from './tool-control-log.ts';

const warn = (message: string): void => void process.stderr.write(`configure: ${message}\n`);

async function main(): Promise<void> {
  const command = parseConfigure(process.argv.slice(2));
  if (command === undefined) return void process.stdout.write(CONFIGURE_HELP);
  const by = { kind: 'system', id: `configure by ${userInfo().username}` } as const;
  const ports = {
    by,
    // Who only looks needs no key.
    seals: {
      seal: (text: string, purpose: string) => sealer(process.env).seal(text, purpose),
      open: (sealed: string, purpose: string) => sealer(process.env).open(sealed, purpose),
      isOld: (sealed: string) => sealer(process.env).isOld(sealed),
    },
    readInput: () => readFileSync(0, 'utf8'),
    say: (line: string) => void process.stdout.write(`${line}\n`),
  };
  await withControlLog(process.env, 'configure', warn, (control) => runConfigure(command, { ...ports, control }));
}

/** The pool's own keys: those that are set, or the file that the embedded setting has. */
function sealer(env: NodeJS.ProcessEnv): Sealer {
  const { keys } = parseSettings(secretsSettings, env);
  const file = join(dataDirOf(env), 'secrets.key');
  return new Sealer(keys.length === 0 && existsSync(file) ? [secretsKeyFile(file)] : keys);
}

main().catch((error: unknown) => {
  warn(error instanceof Error ? error.message : String(error));
  if (error instanceof ConfigureUsageError) process.stderr.write(`\n${CONFIGURE_HELP}`);
  process.exitCode = error instanceof ConfigureUsageError ? 2 : 1;
});

// What the tools of a cluster have in common: they read the control log of Kafka, print what they would do, and with --apply do it.
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { ControlLog } from '@assay/control-log';
import { systemClock } from '@assay/kernel';
import { kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';

const CONTROL_WAIT_MS = 60_000;

export interface ToolRun {
  /** Caught up. */
  readonly control: ControlLog;
  readonly env: NodeJS.ProcessEnv;
  readonly apply: boolean;
}

/** Runs the tool as this process: status 2 for arguments it does not know, 1 for what failed. @param help what --help prints */
export function runTool(name: string, help: string, run: (tool: ToolRun) => Promise<void>): void {
  const warn = (message: string): void => void process.stderr.write(`${name}: ${message}\n`);
  toolStatus(name, help, process.argv.slice(2), process.env, warn, run).then(
    (status) => (process.exitCode = status),
    (error: unknown) => {
      warn(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    },
  );
}

async function toolStatus(
  name: string,
  help: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
  run: (tool: ToolRun) => Promise<void>,
): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  if (args.some((arg) => arg !== '--apply')) {
    process.stderr.write(help);
    return 2;
  }
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const log = await openKafkaEventLog({ ...kafka, clientId: `assay-${name}`, clock: systemClock, onWarning: warn });
  const control = new ControlLog({ log, onWarning: warn });
  try {
    if (!(await control.caughtUpWithin(CONTROL_WAIT_MS)))
      throw new Error(`the control log could not be read within ${CONTROL_WAIT_MS / 1000} s`);
    await run({ control, env, apply: args.includes('--apply') });
    return 0;
  } finally {
    control.close();
    await log.close();
  }
}

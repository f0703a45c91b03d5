// One server as a child process that can be killed, paused and started again at will, as chaos and tests do.
// Invariant: no child outlives this process when it ends by itself (a process killed with SIGKILL can clean up nothing).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';

const KEPT_OUTPUT = 200_000;
const POLL_MS = 20;

export interface ManagedProcessOptions {
  /** What messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment, from which Assay's own settings are taken away first. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether the server answers; asked every few milliseconds until it does. `output` is what it printed since this start. */
  readonly isReady: (output: string) => boolean | Promise<boolean>;
  readonly startTimeoutMs?: number;
  /** Everything it prints is appended here, over all its runs. */
  readonly logFile?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ManagedProcess {
  readonly name: string;
  readonly #options: ManagedProcessOptions;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(options: ManagedProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The exit code or signal of the last run, or undefined while it runs (or never ran). */
  get ended(): number | NodeJS.Signals | undefined {
    return this.#child?.exitCode ?? this.#child?.signalCode ?? undefined;
  }

  /** The end of what the last run printed, for when something fails. */
  get output(): string {
    return this.#output;
  }

  /** Starts the process and resolves once it is ready; rejects with its output when it ends before or takes too long. */
  async start(): Promise<void> {
    const { name, isReady, startTimeoutMs = 60_000 } = this.#options;
    if (this.running) throw new Error(`${name} is running already`);
    const failed = this.#spawn();
    const deadline = performance.now() + startTimeoutMs;
    while (!(await isReady(this.#output))) {
      const error = failed();
      if (error !== undefined) throw new Error(`${name} could not be started: ${error.message}`, { cause: error });
      if (!this.running) throw new Error(`${name} ended with ${this.ended} instead of starting:\n${this.#output}`);
      if (performance.now() > deadline) {
        await this.kill();
        throw new Error(`${name} was not ready within ${startTimeoutMs} ms:\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Ends the process at once, as a power cut would, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Freezes the process: it keeps its sockets and does nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Asks the process to end, and ends it when it has not after `timeoutMs`. True when it ended by itself. */
  async stop(timeoutMs = 30_000): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || !this.running) return true;
    let forced = false;
    const timer = setTimeout(() => {
      forced = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    this.resume();
    await this.kill('SIGTERM');
    clearTimeout(timer);
    return !forced;
  }

  /** Returns a function that says why the process could not even be started. */
  #spawn(): () => Error | undefined {
    const { command, args, env, cwd, logFile } = this.#options;
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('ASSAY_')));
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A terminal sends Ctrl-C to every process of its group: here it is for this process alone, which stops its servers in order.
      detached: true,
    });
    let failure: Error | undefined;
    this.#child = child;
    this.#output = '';
    running.add(child);
    child.on('exit', () => running.delete(child));
    child.on('error', (error) => (failure = error));
    const keep = (chunk: Buffer): void => {
      if (logFile !== undefined) appendFileSync(logFile, chunk);
      if (this.#child === child) this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return () => failure;
  }
}

// A process that a benchmark measures from outside: what it costs is its own CPU time and memory, and nothing of the load.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Call, Reply, Usage } from './serve-parent.ts';

export type BenchProgram =
  | 'gateway-process'
  | 'upstream-process'
  | 'echo-process'
  | 'validator-process'
  | 'aggregator-process'
  | 'farm-client-process';

export class BenchProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #lastCall = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => this.#replied(message as Reply));
    child.on('exit', (code, signal) => this.#failAll(new Error(`the process ended with ${code ?? signal}`)));
  }

  /**
   * Starts a program of this directory, or the one at a URL; resolves once it serves.
   * @param settings its ASSAY_ variables; those of this process are not passed on
   * @param nodeOptions such as `--cpu-prof`
   */
  static async start(
    program: BenchProgram | URL,
    settings: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<BenchProcess> {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_')));
    const url = program instanceof URL ? program : new URL(`./${program}.js`, import.meta.url);
    const child = fork(fileURLToPath(url), [], {
      env: { ...inherited, ...settings },
      execArgv: ['--expose-gc', '--enable-source-maps', ...nodeOptions],
      serialization: 'advanced',
    });
    const started = new BenchProcess(child);
    await started.call('usage');
    return started;
  }

  call<Result>(method: string, argument?: unknown): Promise<Result> {
    const call = ++this.#lastCall;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#child.send({ call, method, argument } satisfies Call, (error) => {
        if (error) this.#failAll(error);
      });
    });
  }

  /** CPU time so far and memory now. */
  usage(): Promise<Usage> {
    return this.call<Usage>('usage');
  }

  /** The same after garbage has been collected. */
  usageAfterCollection(): Promise<Usage> {
    return this.call<Usage>('usageAfterCollection');
  }

  /** Lets the program stop what it runs, and waits until the process is gone. */
  async stop(): Promise<void> {
    const exited =
      this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
    await this.call('stop').catch(() => this.#child.kill('SIGKILL'));
    await exited;
  }

  #replied({ reply, result, error }: Reply): void {
    const waiting = this.#waiting.get(reply);
    if (waiting === undefined) return;
    this.#waiting.delete(reply);
    if (error === undefined) waiting.resolve(result as never);
    else waiting.reject(new Error(error));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

// The threads that run statements: started when needed, kept for the next statement, never more than the slots allow.
import { Worker } from 'node:worker_threads';
import { ClickHouseFailure, failure, failureFrom } from './clickhouse-error.ts';
import type {
  FromStatementThread,
  StatementHead,
  StatementSpec,
  StatementSummary,
  StatementThreadData,
  ToStatementThread,
} from './statement-protocol.ts';

/** In a build the thread is JavaScript beside this file; run from source it is TypeScript, which run-from-source.mjs translates. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './statement-thread.ts' : './statement-thread.js',
  import.meta.url,
);

/** Pause between two kills of a query that has not settled yet. */
const KILL_AGAIN_MS = 50;

export interface FirstAnswer {
  readonly head: StatementHead;
  /** Undefined when the statement ended without output. */
  readonly chunk: Uint8Array | undefined;
}

/** One statement under way. */
export class RunningStatement {
  readonly #pool: StatementPool;
  readonly #thread: Worker;
  readonly #spec: StatementSpec;
  readonly #inbox: FromStatementThread[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #summary: StatementSummary | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #stopReason: ClickHouseFailure | undefined;
  #resolveSettled!: () => void;
  /** Resolves once nothing of the statement runs any more. */
  readonly settled = new Promise<void>((resolve) => {
    this.#resolveSettled = resolve;
  });

  constructor(pool: StatementPool, thread: Worker, spec: StatementSpec) {
    this.#pool = pool;
    this.#thread = thread;
    this.#spec = spec;
    thread.on('message', this.#onMessage);
    thread.on('exit', this.#onExit);
    this.#post({ type: 'run', spec });
  }

  /** Known when the statement has ended. */
  get summary(): StatementSummary | undefined {
    return this.#summary;
  }

  /** The first chunk, or the end. Fails when the statement failed before any output. */
  async first(): Promise<FirstAnswer> {
    const message = await this.#next();
    return message.type === 'chunk'
      ? { head: message.head, chunk: message.bytes }
      : { head: message.head, chunk: undefined };
  }

  /** The chunk after the last one, or undefined at the end. Asking is what lets the engine go on. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#ended && this.#inbox.length === 0) return undefined;
    this.#post({ type: 'more' });
    const message = await this.#next();
    return message.type === 'chunk' ? message.bytes : undefined;
  }

  /** Kills the query, again and again until it has settled; readers get `reason`. */
  stop(reason: ClickHouseFailure): void {
    if (this.#ended || this.#stopReason) return;
    this.#stopReason = reason;
    this.#post({ type: 'stop' });
    const kill = (): void => {
      this.#pool.kill(this.#spec.tag);
      this.#killTimer = setTimeout(kill, KILL_AGAIN_MS);
    };
    kill();
    this.#wake?.();
  }

  async #next(): Promise<Extract<FromStatementThread, { type: 'chunk' | 'done' }>> {
    while (this.#inbox.length === 0 && !this.#stopReason) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#stopReason) throw this.#stopReason;
    const message = this.#inbox.shift()!;
    if (message.type === 'failed') throw new ClickHouseFailure(message.code, message.message);
    if (message.type === 'ready') return this.#next();
    return message;
  }

  readonly #onMessage = (message: FromStatementThread): void => {
    if (message.type === 'ready') return;
    this.#inbox.push(message);
    if (message.type === 'done') this.#summary = message.summary;
    if (message.type !== 'chunk') this.#end(true);
    this.#wake?.();
  };

  readonly #onExit = (): void => {
    const { code, message } = failure('STD_EXCEPTION', 'The thread that ran the statement ended.');
    this.#inbox.push({ type: 'failed', code, message });
    this.#end(false);
    this.#wake?.();
  };

  #end(reusable: boolean): void {
    this.#ended = true;
    clearTimeout(this.#killTimer);
    this.#thread.off('message', this.#onMessage);
    this.#thread.off('exit', this.#onExit);
    if (reusable) this.#pool.giveBack(this.#thread);
    this.#resolveSettled();
  }

  #post(message: ToStatementThread): void {
    if (!this.#ended) this.#thread.postMessage(message);
  }
}

export class StatementPool {
  readonly #data: StatementThreadData;
  readonly #kill: (tag: string) => void;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** @param kill asks the engine to kill the query of that tag. */
  constructor(data: StatementThreadData, kill: (tag: string) => void) {
    this.#data = data;
    this.#kill = kill;
  }

  async run(spec: StatementSpec): Promise<RunningStatement> {
    const thread = this.#idle.pop() ?? (await this.#start());
    return new RunningStatement(this, thread, spec);
  }

  kill(tag: string): void {
    this.#kill(tag);
  }

  giveBack(thread: Worker): void {
    this.#idle.push(thread);
  }

  /** To be called when no statement runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread.terminate()));
  }

  #start(): Promise<Worker> {
    return new Promise((resolve, reject) => {
      const thread = new Worker(THREAD, { workerData: this.#data });
      this.#all.add(thread);
      const onError = (error: unknown): void => reject(failureFrom(error));
      thread.once('error', onError);
      thread.once('exit', () => {
        this.#all.delete(thread);
        const index = this.#idle.indexOf(thread);
        if (index >= 0) this.#idle.splice(index, 1);
      });
      thread.once('message', () => {
        thread.off('error', onError);
        // A thread that throws ends, and its statement is told by 'exit'; without a listener the error would end the process.
        thread.on('error', () => undefined);
        resolve(thread);
      });
    });
  }
}

// Calls between threads of one process: a service in a worker thread is asked for its readiness, its metrics, and to stop.
// Errors cross as their message and code; a thread that ends fails every call it still owes.
import type { MessagePort, Worker } from 'node:worker_threads';

interface Call {
  readonly call: number;
  readonly method: string;
  readonly argument: unknown;
}

interface Reply {
  readonly reply: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code: string | undefined };
}

export type ThreadMethods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** Answers calls that come in on the port with the methods given. */
export function serveCalls(port: MessagePort, methods: ThreadMethods): void {
  port.on('message', (message: Call) => {
    const method = methods[message.method] as ((argument: unknown) => Promise<unknown>) | undefined;
    const done = method
      ? method(message.argument)
      : Promise.reject(new Error(`no method ${message.method} in this thread`));
    done.then(
      (result) => port.postMessage({ reply: message.call, result } satisfies Reply),
      (error: unknown) => port.postMessage({ reply: message.call, error: describeError(error) } satisfies Reply),
    );
  });
}

/** The other end: calls methods served by a worker thread. */
export class ThreadCalls {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #next = 1;
  #ended: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: Reply) => this.#replied(message));
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#fail(new Error(`the thread ended with code ${code}`)));
  }

  call<Result>(method: string, argument?: unknown): Promise<Result> {
    if (this.#ended) return Promise.reject(this.#ended);
    const call = this.#next++;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#worker.postMessage({ call, method, argument } satisfies Call);
    });
  }

  #replied({ reply, result, error }: Reply): void {
    const waiting = this.#waiting.get(reply);
    if (!waiting) return;
    this.#waiting.delete(reply);
    if (error) waiting.reject(Object.assign(new Error(error.message), { code: error.code }));
    else waiting.resolve(result as never);
  }

  #fail(error: Error): void {
    this.#ended = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function describeError(error: unknown): { message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  const code = (error as { code?: unknown }).code;
  return { message: error.message, code: typeof code === 'string' ? code : undefined };
}

// The other end of bench-process.ts: a measured process answers its parent's questions over the channel Node gives a forked child.

export interface Call {
  readonly call: number;
  readonly method: string;
  readonly argument: unknown;
}

export interface Reply {
  readonly reply: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface Usage {
  /** Of all threads since the process started, user and system, microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

export type Methods = Readonly<Record<string, (argument: never) => unknown>>;

/** A freed block may be freed only by the collection after the one that found what held it. */
const COLLECTIONS = 4;

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}

async function usageAfterCollection(): Promise<Usage> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return usage();
}

/** Answers calls of the methods given and of `usage`; `stop` runs, is answered, and ends the process. */
export function serveParent(methods: Methods, stop: () => Promise<void> | void): void {
  let stopped = false;
  const stopNow = async (): Promise<void> => {
    stopped = true;
    await stop();
  };
  const all: Methods = { usage, usageAfterCollection, stop: stopNow, ...methods };
  const answer = (reply: Reply, last: boolean): void =>
    void process.send!(reply, undefined, undefined, () => {
      if (last) process.disconnect();
    });
  process.on('message', ({ call, method, argument }: Call) => {
    const run = all[method] as ((argument: unknown) => unknown) | undefined;
    Promise.resolve(argument)
      .then(run ?? (() => Promise.reject(new Error(`no method ${method}`))))
      .then(
        (result) => answer({ reply: call, result }, method === 'stop'),
        (error: unknown) => answer({ reply: call, error: String(error) }, method === 'stop'),
      );
  });
  // Stopped, or whoever measures is gone.
  process.on('disconnect', () => {
    void Promise.resolve(stopped || stop()).finally(() => process.exit());
  });
}

// scrypt on a thread of its own that yields to others. On libuv's threads, which have everybody's priority, the checks that guessers bring about
// took a quarter of a core from the miners, whose p99 rose fourfold on two cores. Not quite the lowest priority: logins have to get through
// on a machine that is busy with other things, too. Not started before it is needed.
import type { ScryptOptions } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** As text, so that it runs alike from sources and from a build. On Linux a priority is a thread's own; elsewhere it would be the process's. */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { scryptSync } = require('node:crypto');
if (process.platform === 'linux') require('node:os').setPriority(10);
parentPort.on('message', ({ secret, salt, bytes, options }) => {
  parentPort.postMessage(scryptSync(secret, salt, bytes, options));
});
`;

export class SlowHashing {
  #thread: Worker | undefined;

  /** One at a time: the next may be asked for when this one has come. Rejects when the thread fails; the next call starts another. */
  derive(secret: string, salt: Uint8Array, bytes: number, options: ScryptOptions): Promise<Uint8Array> {
    const thread = (this.#thread ??= this.#start());
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        thread.off('message', done).off('error', failed).off('exit', ended);
      };
      const done = (digest: Uint8Array): void => {
        settle();
        resolve(digest);
      };
      const failed = (error: unknown): void => {
        settle();
        this.#thread = undefined;
        reject(error);
      };
      const ended = (): void => failed(new Error('the thread that checks secrets has ended'));
      thread.on('message', done).on('error', failed).on('exit', ended);
      thread.postMessage({ secret, salt, bytes, options });
    });
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { eval: true });
    // It holds up nobody's end, and there is nothing to finish.
    thread.unref();
    return thread;
  }
}

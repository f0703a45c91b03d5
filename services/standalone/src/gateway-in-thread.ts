// The main thread's end of the gateway thread: a service like the others.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ThreadCalls, type ReadyReport, type RunningService } from '@assay/platform';
import type { GatewayThreadInput } from './gateway-thread.ts';

export interface GatewayInThread extends RunningService {
  readonly port: number;
  metrics(): Promise<string>;
}

/** Starts the thread and the gateway in it. `onCrash` is told when the thread ends without being asked to. */
export async function startGatewayInThread(
  input: GatewayThreadInput,
  onCrash: (error: Error) => void,
): Promise<GatewayInThread> {
  const worker = new Worker(new URL('./gateway-thread.js', import.meta.url), {
    workerData: input,
    name: 'stratum-gateway',
  });
  let stopping = false;
  worker.on('error', (error) => {
    if (!stopping) onCrash(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on('exit', (code) => {
    if (!stopping) onCrash(new Error(`the gateway thread ended with code ${code}`));
  });
  const calls = new ThreadCalls(worker);
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const exited = once(worker, 'exit');
    await calls.call('stop');
    await exited;
  };
  try {
    const { port } = await calls.call<{ port: number }>('start');
    return { port, ready: () => calls.call<ReadyReport>('ready'), metrics: () => calls.call<string>('metrics'), stop };
  } catch (error) {
    await stop().catch(() => worker.terminate());
    throw error;
  }
}

import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { serveCalls, ThreadCalls } from './thread-calls.ts';

describe('thread calls', () => {
  const { port1, port2 } = new MessageChannel();
  afterEach(() => {
    port1.close();
    port2.close();
  });

  it('brings results and errors back to the caller that asked', async () => {
    serveCalls(port2, {
      double: async (value: number) => value * 2,
      fail: async () => {
        throw Object.assign(new Error('port 3333 is taken'), { code: 'EADDRINUSE' });
      },
    });
    const calls = new ThreadCalls(port1 as unknown as Worker);
    await expect(Promise.all([calls.call('double', 1), calls.call('double', 21)])).resolves.toEqual([2, 42]);
    await expect(calls.call('fail')).rejects.toMatchObject({ message: 'port 3333 is taken', code: 'EADDRINUSE' });
    await expect(calls.call('absent')).rejects.toThrow('no method absent');

    const pending = calls.call('double', 3).catch((error: unknown) => error);
    port1.emit('exit', 7);
    expect(String(await pending)).toContain('the thread ended with code 7');
    await expect(calls.call('double', 4)).rejects.toThrow('the thread ended');
  });
});

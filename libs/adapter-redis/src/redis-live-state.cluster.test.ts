// The live state on a real Redis.
import { randomUUID } from 'node:crypto';
import { liveStateContract } from '@assay/live-state/contract';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { openRedisLiveState } from './redis-live-state.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    redis: string;
  }
}

liveStateContract('redis', async (options) => {
  const keyPrefix = `test-${randomUUID()}:`;
  const url = inject('redis');
  const [live, other] = await Promise.all(
    [1, 2].map(() => openRedisLiveState({ url, keyPrefix, ...options, commandTimeoutMs: 10_000 })),
  );
  const admin = new Redis(url);
  const lose = async (): Promise<void> => {
    const keys = await admin.keys(`{${keyPrefix}live}:*`);
    if (keys.length > 0) await admin.del(keys);
  };
  const dispose = async (): Promise<void> => {
    await lose();
    admin.disconnect();
    await Promise.all([live!.close(), other!.close()]);
  };
  return { live: live!, other: other!, lose, dispose };
});

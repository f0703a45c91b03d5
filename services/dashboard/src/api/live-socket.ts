// The one WebSocket of the page. It opens with the first subscription, comes back by itself, and says whether it is up:
// a subscription that is not delivering must never look like a fleet in which nothing changes.
import type { AssayClientOptions } from '@assay/api-client';
import { useSyncExternalStore } from 'react';
import { heedClose } from './login-needed.ts';

export type SocketState = 'idle' | 'connecting' | 'open' | 'lost';

const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;
const LONGEST_WAIT_MS = 10_000;

let state: SocketState = 'idle';
const listeners = new Set<() => void>();

function enter(next: SocketState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

let pongOverdue: ReturnType<typeof setTimeout> | undefined;

/** @param drop closes the connection, which then comes back by itself */
export function socketOptions(drop: () => void): NonNullable<AssayClientOptions['socket']> {
  return {
    // Beside the page; `ws:` where the page itself came without TLS.
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    keepAlive: PING_EVERY_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => {
      // Jitter, so that a thousand open pages do not come back in the same instant.
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
      return new Promise((resolve) => setTimeout(resolve, wait));
    },
    on: {
      connecting: (isRetry) => enter(isRetry ? 'lost' : 'connecting'),
      connected: () => enter('open'),
      closed: (event) => {
        enter((event as { code?: number } | undefined)?.code === 1000 ? 'idle' : 'lost');
        heedClose(event);
      },
      // A half-open connection delivers nothing and never closes: the missing pong finds it.
      ping: (received) => {
        if (!received) pongOverdue = setTimeout(drop, PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pongOverdue);
      },
    },
  };
}

export function useSocketState(): SocketState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

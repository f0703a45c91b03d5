// The server's time as this browser sees it. Ages are counted against the server's clock: an operator's laptop may be minutes off.
import { useSyncExternalStore } from 'react';

let offsetMs = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Takes the server's `now` from an answer that arrived just now. */
export function setServerNow(serverNow: string): void {
  offsetMs = Date.parse(serverNow) - Date.now();
}

export function serverNowMs(): number {
  return Date.now() + offsetMs;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // One timer for every age on the page.
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Milliseconds since 1970 by the server's clock, in whole seconds; renders again every second. */
export function useServerNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(serverNowMs() / 1000) * 1000);
}

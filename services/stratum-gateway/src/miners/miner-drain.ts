// Sends miners away before the gateway stops: each is asked to reconnect, to the same address, where another gateway takes it, and is
// served until it goes by itself or the time is up. They are asked some at a time, so that ten thousand of them do not arrive
// elsewhere within one second; all have been asked when three quarters of the time are over, whatever the rate.
import { encodeReconnect } from '@assay/stratum';
import type { ConnectionList } from './connection-list.ts';

const TICK_MS = 50;
const ASKED_WITHIN = 0.75;

/** Resolves when every connection is gone, or after `seconds`. No connection may be opened meanwhile. */
export function drainMiners(connections: ConnectionList, seconds: number, reconnectsPerSecond: number): Promise<void> {
  const toAsk = connections.all();
  const ticks = Math.ceil((seconds * 1000) / TICK_MS);
  const perTick = Math.max((reconnectsPerSecond * TICK_MS) / 1000, toAsk.length / Math.max(1, ticks * ASKED_WITHIN));
  const reconnect = encodeReconnect(undefined, undefined, 0);
  let asked = 0;
  let tick = 0;
  return new Promise((resolve) => {
    const step = (): void => {
      if (connections.length === 0 || tick === ticks) {
        clearInterval(timer);
        return resolve();
      }
      for (const until = Math.min(toAsk.length, perTick * ++tick); asked < until; asked++)
        toAsk[asked]!.notify(reconnect);
    };
    const timer = setInterval(step, TICK_MS);
    step();
  });
}

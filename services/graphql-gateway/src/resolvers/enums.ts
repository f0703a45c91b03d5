// The schema's enum values and what they are called inside.
import type { LiveWindow } from '@assay/live-state';
import type { Algorithm } from '@assay/mining';
import type { EventType } from '../queries/events.ts';

export type SchemaWindow = 'M1' | 'M5' | 'M15' | 'H1' | 'D1';

const WINDOW_NAMES: Readonly<Record<SchemaWindow, LiveWindow>> = { M1: '1m', M5: '5m', M15: '15m', H1: '1h', D1: '1d' };

/** An argument given as null means its default, as if it were left out. */
export function liveWindow(window: SchemaWindow | null, fallback: SchemaWindow): LiveWindow {
  return WINDOW_NAMES[window ?? fallback];
}

/** Internal values of schema enums, for makeExecutableSchema. */
export const ENUM_VALUES = {
  Algorithm: { SHA256D: 'sha256d', SCRYPT: 'scrypt' } satisfies Record<string, Algorithm>,
  EventType: {
    CONNECTED: 'authorized',
    DISCONNECTED: 'disconnected',
    REJECT_BURST: 'reject_burst',
    GATEWAY_STARTED: 'gateway_started',
    INTEGRITY: 'integrity',
  } satisfies Record<string, EventType>,
};

export const EVERY_EVENT_TYPE: readonly EventType[] = Object.values(ENUM_VALUES.EventType);

// What a replay writes on `shares.dead` besides the letters: that it is about to put a record back, and where it did. Whoever comes
// after a replay that was cut off in between knows from the first where to look for the record.
import type { LogRecord } from '@assay/event-log';
import type { Letter, LetterState } from './journal.ts';

type MarkedState = Exclude<LetterState, { kind: 'dead' }>;

export interface Marker {
  readonly origin: string;
  readonly digest: string;
  readonly state: MarkedState;
}

export function markerOf(letter: Letter, state: MarkedState): LogRecord {
  const offset = state.kind === 'begun' ? state.from : state.at;
  const headers = { replay: state.kind, origin: letter.id, digest: letter.digest, offset: String(offset) };
  return { value: new Uint8Array(0), headers };
}

/** Undefined for the headers of anything else. */
export function parseMarker(headers: Readonly<Record<string, string>> = {}): Marker | undefined {
  const { replay, origin, digest, offset, reason } = headers;
  if (reason !== undefined || origin === undefined || digest === undefined || !/^\d{1,15}$/.test(offset ?? ''))
    return undefined;
  if (replay === 'begun') return { origin, digest, state: { kind: 'begun', from: Number(offset) } };
  if (replay === 'replayed') return { origin, digest, state: { kind: 'replayed', at: Number(offset) } };
  return undefined;
}

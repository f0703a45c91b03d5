// Says to whoever keeps the door that the API wants a login: an answer was UNAUTHENTICATED, or the WebSocket was closed for it. What to do
// about it is not the matter of what asked.

const listeners = new Set<() => void>();

/** Codes of answers that come of no login, or of one that owes its second factor. */
const LOGIN_CODES = new Set(['UNAUTHENTICATED', 'SECOND_FACTOR_REQUIRED']);
/** What the gateway closes a WebSocket with whose login has ended, or that never had one. */
const UNAUTHORISED_CLOSE = 4401;

export function onLoginNeeded(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** To be called with the code of every failed answer. */
export function heedCode(code: string): void {
  if (LOGIN_CODES.has(code)) announce();
}

/** To be called with every event that a closed WebSocket leaves. */
export function heedClose(event: unknown): void {
  if ((event as { code?: unknown } | undefined)?.code === UNAUTHORISED_CLOSE) announce();
}

function announce(): void {
  for (const listener of listeners) listener();
}

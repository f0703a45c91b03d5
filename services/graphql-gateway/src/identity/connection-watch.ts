// Connections that stay open are closed when what they were opened with ends: the session or key expires or is revoked, its user is disabled
// or gets other grants, or the pool gets its first user. What the log says acts at once, what the clock says within LOOK_MS.
import type { AppliedChange } from '@assay/control-log';
import type { ControlKind } from '@assay/tenancy';
import type { Authentication } from './authenticate.ts';
import type { Identity } from './identity.ts';

const LOOK_MS = 500;
/** Of what a viewer is made. */
const KINDS: ReadonlySet<ControlKind> = new Set<ControlKind>(['user', 'session', 'api_key', 'tenant']);

/** WebSocket close codes: clients of graphql-ws give up at the first, and connect again after the second. */
export const ENDED = { code: 4401, reason: 'Unauthorized' } as const;
export const RIGHTS_CHANGED = { code: 4205, reason: 'Your rights have changed: connect again' } as const;

export interface WatchedConnection {
  readonly token: string | undefined;
  readonly authentication: Authentication;
  readonly close: (code: number, reason: string) => void;
}

export class ConnectionWatch {
  readonly #identity: Identity;
  readonly #connections = new Set<WatchedConnection>();
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #lookSoon = false;

  constructor(identity: Identity) {
    this.#identity = identity;
    this.#stopListening = identity.control.onChange((change) => this.#changed(change));
    this.#timer = setInterval(() => this.#closeExpired(), LOOK_MS);
  }

  /** Returns how to forget the connection, once it has closed. */
  add(connection: WatchedConnection): () => void {
    this.#connections.add(connection);
    return () => this.#connections.delete(connection);
  }

  stop(): void {
    this.#stopListening();
    clearInterval(this.#timer);
    this.#connections.clear();
  }

  /** Many changes can come in one turn, such as an import's: they are looked at together. */
  #changed({ changed }: AppliedChange): void {
    if (this.#lookSoon || !changed.some(({ kind }) => KINDS.has(kind))) return;
    this.#lookSoon = true;
    setImmediate(() => {
      this.#lookSoon = false;
      for (const connection of this.#connections) this.#look(connection);
    });
  }

  #closeExpired(): void {
    const { nowUs } = this.#identity;
    for (const connection of this.#connections)
      if ((connection.authentication.endsAtUs ?? Infinity) <= nowUs) this.#close(connection, ENDED);
  }

  #look(connection: WatchedConnection): void {
    const now = this.#identity.recognise(connection.token);
    if (!now.recognised) this.#close(connection, ENDED);
    else if (now.authentication.rights !== connection.authentication.rights) this.#close(connection, RIGHTS_CHANGED);
  }

  #close(connection: WatchedConnection, { code, reason }: { readonly code: number; readonly reason: string }): void {
    this.#connections.delete(connection);
    connection.close(code, reason);
  }
}

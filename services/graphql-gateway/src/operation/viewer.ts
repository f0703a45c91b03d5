// Who asks, and what they may see and do. Every operation has one; there is no answer without.
import type { Owed } from '../identity/second-factor.ts';
import { FULL_ACCESS, type Access, type Actor } from '@assay/tenancy';

export interface Viewer {
  readonly actor: Actor;
  readonly access: Access;
  /** Of the session they asked in; none for keys, and while the pool has no users. */
  readonly session?: string;
  /** What the session must do before anything else; `access` is none until then, and only what OWED_FIELDS names is answered. */
  readonly owed?: Owed;
}

/** Everybody, as long as the pool has no users. */
export const OPEN_VIEWER: Viewer = { actor: { kind: 'system', id: 'open' }, access: FULL_ACCESS };

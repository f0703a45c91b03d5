// The changes that begin a session. With it go the user's sessions that have expired, and the oldest beyond MAX_SESSIONS.
import { randomBytes } from 'node:crypto';
import type { ControlState, LoginMethod, ObjectChange, Session } from '@assay/tenancy';
import { hashToken, newSessionToken } from './tokens.ts';

/** Of one user. */
const MAX_SESSIONS = 20;

export interface Client {
  readonly remoteAddress: string;
  readonly userAgent: string;
}

export interface NewSession {
  readonly id: string;
  readonly token: string;
  readonly body: Session;
  readonly changes: readonly ObjectChange[];
}

export function newSession(
  user: string,
  method: LoginMethod,
  client: Client,
  state: ControlState,
  nowUs: number,
  lifetimeUs: number,
): NewSession {
  const token = newSessionToken();
  const id = `ses_${randomBytes(9).toString('base64url')}`;
  const body: Session = {
    user,
    tokenHash: hashToken(token),
    createdAtUs: nowUs,
    expiresAtUs: nowUs + lifetimeUs,
    method,
    remoteAddress: client.remoteAddress.slice(0, 64),
    userAgent: client.userAgent.slice(0, 200),
  };
  const others = state.naming('session', { kind: 'user', id: user });
  const inForce = others.filter((session) => session.body.expiresAtUs > nowUs);
  const ended = others.filter((session) => session.body.expiresAtUs <= nowUs);
  const tooMany = inForce
    .sort((a, b) => a.body.createdAtUs - b.body.createdAtUs)
    .slice(0, Math.max(0, inForce.length + 1 - MAX_SESSIONS));
  const remove = [...ended, ...tooMany].map((session) => ({
    op: 'remove' as const,
    kind: 'session',
    id: session.id,
  }));
  return { id, token, body, changes: [...remove, { op: 'put', kind: 'session', id, expect: 0, body }] };
}

// What the page of one's account asks, and what it changes.
import { document } from '../../api/document.ts';
import type { DateTime } from '../../api/schema-types.ts';

export interface Grant {
  readonly role: string;
  readonly tenant: string;
  readonly site: string | null;
}

export interface Session {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: DateTime;
  readonly expiresAt: DateTime;
  readonly method: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
}

export interface Account {
  readonly secondFactorRequired: boolean;
  readonly grants: readonly Grant[];
  readonly session: { readonly method: string } | null;
  /** Null while the pool is open. */
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly hasPassword: boolean;
    readonly hasSecondFactor: boolean;
    readonly recoveryCodesLeft: number;
    readonly sessions: readonly Session[];
  } | null;
}

export const ACCOUNT = document<{ viewer: Account }>(`
  query Account {
    viewer {
      secondFactorRequired
      grants { role tenant site }
      session { method }
      user {
        id name email hasPassword hasSecondFactor recoveryCodesLeft
        sessions { id current createdAt expiresAt method remoteAddress userAgent }
      }
    }
  }
`);

export const CHANGE_PASSWORD = document<{ changePassword: boolean }, { current: string; password: string }>(`
  mutation ChangePassword($current: String!, $password: String!) {
    changePassword(current: $current, password: $password)
  }
`);

export const REMOVE_SECOND_FACTOR = document<{ removeSecondFactor: boolean }, { code: string }>(`
  mutation RemoveSecondFactor($code: String!) { removeSecondFactor(code: $code) }
`);

export const RENEW_RECOVERY_CODES = document<{ renewRecoveryCodes: string[] }, { code: string }>(`
  mutation RenewRecoveryCodes($code: String!) { renewRecoveryCodes(code: $code) }
`);

export const REVOKE_SESSION = document<{ revokeSession: boolean }, { id: string }>(`
  mutation RevokeSession($id: ID!) { revokeSession(id: $id) }
`);

export const REVOKE_OTHER_SESSIONS = document<{ revokeOtherSessions: number }>(`
  mutation RevokeOtherSessions { revokeOtherSessions }
`);

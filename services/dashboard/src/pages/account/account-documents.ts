// What the page of one's account asks, and what it changes.
import { graphql, type ResultOf } from '@assay/api-client';

export const ACCOUNT = graphql(`
  query Account {
    viewer {
      secondFactorRequired
      grants {
        role
        tenant
        site
      }
      session {
        method
      }
      user {
        id
        name
        email
        hasPassword
        hasSecondFactor
        recoveryCodesLeft
        apiKeys {
          id
        }
        sessions {
          id
          current
          createdAt
          expiresAt
          method
          remoteAddress
          userAgent
        }
      }
    }
  }
`);

export type Account = ResultOf<typeof ACCOUNT>['viewer'];
export type Grant = Account['grants'][number];
export type Session = NonNullable<Account['user']>['sessions'][number];

export const CHANGE_PASSWORD = graphql(`
  mutation ChangePassword($current: String!, $password: String!) {
    changePassword(current: $current, password: $password)
  }
`);

export const REMOVE_SECOND_FACTOR = graphql(`
  mutation RemoveSecondFactor($code: String!) {
    removeSecondFactor(code: $code)
  }
`);

export const RENEW_RECOVERY_CODES = graphql(`
  mutation RenewRecoveryCodes($code: String!) {
    renewRecoveryCodes(code: $code)
  }
`);

export const REVOKE_SESSION = graphql(`
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id)
  }
`);

export const REVOKE_OTHER_SESSIONS = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions
  }
`);

// What the page of people asks, and what it changes.
import { graphql, type ResultOf, type VariablesOf } from '@assay/api-client';

export const PEOPLE = graphql(`
  query People($search: String, $first: Int!, $after: String) {
    users(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        email
        name
        grants {
          role
          tenant
          site
        }
        disabled
        hasPassword
        hasSecondFactor
        issuer
        invitedUntil
      }
    }
  }
`);

export const USER_SESSIONS = graphql(`
  query UserSessions($id: ID!) {
    user(id: $id) {
      sessions {
        id
        current
        createdAt
        expiresAt
        method
        remoteAddress
        userAgent
      }
      apiKeys {
        id
        name
        shown
        expiresAt
      }
    }
  }
`);

export const INVITE_USER = graphql(`
  mutation InviteUser($email: String!, $name: String!, $grants: [GrantInput!]!) {
    inviteUser(email: $email, name: $name, grants: $grants) {
      user {
        id
      }
      path
      url
      expiresAt
    }
  }
`);

export const RENEW_INVITATION = graphql(`
  mutation RenewInvitation($user: ID!) {
    renewInvitation(user: $user) {
      path
      url
      expiresAt
    }
  }
`);

export const CHANGE_USER = graphql(`
  mutation ChangeUser(
    $id: ID!
    $version: Int!
    $name: String
    $email: String
    $grants: [GrantInput!]
    $disabled: Boolean
  ) {
    changeUser(id: $id, version: $version, name: $name, email: $email, grants: $grants, disabled: $disabled) {
      version
    }
  }
`);

export const REMOVE_USER = graphql(`
  mutation RemoveUser($id: ID!) {
    removeUser(id: $id)
  }
`);

export const RESET_SECOND_FACTOR = graphql(`
  mutation ResetSecondFactor($user: ID!) {
    resetSecondFactor(user: $user) {
      version
    }
  }
`);

export type Person = ResultOf<typeof PEOPLE>['users']['nodes'][number];
export type GrantInput = VariablesOf<typeof INVITE_USER>['grants'][number];
export type Role = GrantInput['role'];

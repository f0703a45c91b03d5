// What the pages of services' keys and of one's own ask, and what they change.
import { graphql, type ResultOf } from '@assay/api-client';

const KEY_FIELDS = `
  id name shown only createdAt expiresAt
  grants { role tenant site }
`;

export const SERVICE_KEYS = graphql(`
  query ServiceKeys($search: String, $first: Int!, $after: String) {
    serviceKeys(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ${KEY_FIELDS} }
    }
  }
`);

export const OWN_KEYS = graphql(`
  query OwnKeys {
    viewer { permissions user { apiKeys { ${KEY_FIELDS} } } }
  }
`);

export type Key = ResultOf<typeof SERVICE_KEYS>['serviceKeys']['nodes'][number];
export type Permission = ResultOf<typeof OWN_KEYS>['viewer']['permissions'][number];

export const CREATE_SERVICE_KEY = graphql(`
  mutation CreateServiceKey($name: String!, $grants: [GrantInput!]!, $expiresAt: DateTime) {
    createServiceKey(name: $name, grants: $grants, expiresAt: $expiresAt) {
      token
    }
  }
`);

export const CREATE_OWN_KEY = graphql(`
  mutation CreateOwnKey($name: String!, $only: [Permission!], $expiresAt: DateTime) {
    createApiKey(name: $name, only: $only, expiresAt: $expiresAt) {
      token
    }
  }
`);

export const REVOKE_KEY = graphql(`
  mutation RevokeKey($id: ID!) {
    revokeApiKey(id: $id)
  }
`);

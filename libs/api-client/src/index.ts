export type { ResultOf, VariablesOf } from 'gql.tada';
export * from './api-error.ts';
export * from './assay-client.ts';
export * from './graphql.ts';

// The types of the API, made from the gateway's schema files. After a change of those: npx vitest run libs/api-client -u
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const SCHEMA = new URL('../../../services/graphql-gateway/schema/', import.meta.url);

const HEADER = `// The GraphQL schema as types; made from its files by a test (npx vitest run libs/api-client -u), not written by hand.
/* prettier-ignore */
`;

/** One line a type, so that a change of one type is a change of one line. */
function schemaTypes(): string {
  const files = readdirSync(SCHEMA).filter((name) => name.endsWith('.graphql'));
  const sdl = files.map((name) => readFileSync(new URL(name, SCHEMA), 'utf8')).join('\n');
  const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(sdl), { descriptions: false }));
  const types = outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true, preamble: HEADER });
  // It ends with making this the schema of every document in the program, which is for whoever declares documents to say.
  return types.slice(0, types.indexOf('\nimport * as gqlTada')).replace(/\n\/\*\*.*?\*\/\n/s, '\n');
}

it('the types of the schema are those of the schema', async () => {
  await expect(schemaTypes()).toMatchFileSnapshot('./generated/schema-types.ts');
});

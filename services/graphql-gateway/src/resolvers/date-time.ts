// DateTime: ISO 8601 with a time zone outside, microseconds since 1970 inside.
import { GraphQLScalarType, Kind } from '../graphql-js.ts';
import { ClientError } from '../errors.ts';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

function parse(value: unknown): number {
  const ms = typeof value === 'string' && ISO_8601.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) {
    throw new ClientError(
      'BAD_USER_INPUT',
      `A DateTime is ISO 8601 with a time zone, such as "2026-05-01T00:00:00Z", got ${JSON.stringify(value)}.`,
    );
  }
  return ms * 1000;
}

export const dateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (us) => new Date((us as number) / 1000).toISOString(),
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});

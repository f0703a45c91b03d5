import { AnalyticsError, type AnalyticsErrorCode } from '@assay/analytics';
import { silentLogger } from '@assay/platform';
import { describe, expect, it } from 'vitest';
import { errorCode, formatClientError } from './errors.ts';
import { GraphQLError } from './graphql-js.ts';

function formatted(original: Error) {
  const error = new GraphQLError(original.message, { originalError: original, path: ['workers'] });
  return formatClientError(error.toJSON(), error, silentLogger);
}

const CODES: Readonly<Record<AnalyticsErrorCode, string>> = {
  unavailable: 'STORE_UNAVAILABLE',
  timeout: 'TIMEOUT',
  memory: 'OVERLOADED',
  aborted: 'CANCELLED',
  bad_query: 'INTERNAL_SERVER_ERROR',
  bad_data: 'INTERNAL_SERVER_ERROR',
  server: 'INTERNAL_SERVER_ERROR',
};

describe('errors as clients see them', () => {
  it.each(Object.entries(CODES))('a store fault %s is %s', (code, shown) => {
    const error = formatted(
      new AnalyticsError(code as AnalyticsErrorCode, 'SELECT secret FROM somewhere failed', { retriable: true }),
    );
    expect(error.extensions).toMatchObject({ code: shown, retriable: true });
    expect(error.message).not.toContain('secret');
    expect(error.path).toEqual(['workers']);
  });

  it('one fault behind many fields has one id', () => {
    const fault = new TypeError('undefined is not a function');
    expect(formatted(fault).extensions?.['errorId']).toBe(formatted(fault).extensions?.['errorId']);
    expect(formatted(new TypeError('another')).extensions?.['errorId']).not.toBe(
      formatted(fault).extensions?.['errorId'],
    );
  });

  it('codes nobody foresaw are counted as internal', () => {
    expect(errorCode({ message: 'x', extensions: { code: 'SOMETHING_NEW' } })).toBe('INTERNAL_SERVER_ERROR');
  });
});

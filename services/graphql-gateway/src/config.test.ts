import { parseSettings, SettingsError } from '@assay/platform';
import { describe, expect, it } from 'vitest';
import { graphqlGatewaySettings } from './config.ts';
import { connectionGuide } from './resolvers/connection-guide.ts';

describe('settings of the GraphQL gateway', () => {
  it('listen on loopback, port 8080, by default', () => {
    expect(parseSettings(graphqlGatewaySettings, {})).toMatchObject({
      httpPort: 8080,
      host: '127.0.0.1',
      introspection: true,
    });
  });

  it('name what is wrong', () => {
    expect(() => parseSettings(graphqlGatewaySettings, { ASSAY_HTTP_PORT: '99999' })).toThrow(SettingsError);
    expect(() => parseSettings(graphqlGatewaySettings, { ASSAY_GRAPHQL_MAX_DEPTH: 'deep' })).toThrow(
      /ASSAY_GRAPHQL_MAX_DEPTH="deep"/,
    );
  });

  it('show an IPv6 address in brackets and every address of a pool that is open to the network', () => {
    const guide = (env: NodeJS.ProcessEnv) =>
      (connectionGuide(parseSettings(graphqlGatewaySettings, env)) as { urls: string[] }).urls;
    expect(guide({ ASSAY_HOST: '::1' })).toEqual(['stratum+tcp://[::1]:3333']);
    expect(guide({ ASSAY_HOST: '0.0.0.0', ASSAY_STRATUM_PORT: '4444' }).at(-1)).toBe('stratum+tcp://127.0.0.1:4444');
  });
});
